import { type DeviceDeps, deviceHandlers } from "./device.ts";
import type { Handlers } from "./handlers.ts";
import { type MeDeps, meHandlers } from "./me.ts";
import { type TokensDeps, tokenHandlers } from "./tokens.ts";

/** The identity store does for all three. */
export interface IdentityDeps extends Pick<DeviceDeps, "clock" | "publicOrigin"> {
  readonly identities: MeDeps & TokensDeps["tokens"] & DeviceDeps["devices"];
}

export function identityHandlers({
  identities,
  clock,
  publicOrigin,
}: IdentityDeps): Pick<
  Handlers,
  "me" | "listTokens" | "makeToken" | "revokeToken" | "beginDevice" | "pollDevice" | "approveDevice"
> {
  return {
    ...meHandlers(identities),
    ...tokenHandlers({ tokens: identities, clock }),
    ...deviceHandlers({ devices: identities, clock, publicOrigin }),
  };
}
