import { type Clock, EndstationError, minute, type Scope, second } from "@endstation/core";
import type { Handlers } from "./handlers.ts";
import { createRateLimit } from "./rate-limit.ts";
import { demandBrowser } from "./tokens.ts";

type Polled =
  | { readonly state: "waiting" | "refused" | "expired" }
  | { readonly state: "approved"; readonly account: string; readonly token: string };

export interface DeviceDeps {
  readonly devices: {
    beginDevice(
      request: { readonly name: string; readonly scopes: readonly Scope[]; readonly lifetimeMs: number },
      now: number,
    ): Promise<{ readonly deviceCode: string; readonly userCode: string }>;
    pollDevice(deviceCode: string, now: number): Promise<Polled>;
    approveDevice(userCode: string, account: string, approve: boolean, now: number): Promise<boolean>;
  };
  readonly clock: Clock;
  readonly publicOrigin: string;
}

const waitSeconds = 600;
const pollEverySeconds = 2;

/** Log-in of a command line: it shows a code, the person types it into the portal, and one poll gives the token. */
export function deviceHandlers({
  devices,
  clock,
  publicOrigin,
}: DeviceDeps): Pick<Handlers, "beginDevice" | "pollDevice" | "approveDevice"> {
  const begun = createRateLimit({ most: 30, withinMs: minute, clock });
  const codes = createRateLimit({ most: 20, withinMs: 10 * minute, clock });
  return {
    beginDevice: async ({ body, address }) => {
      begun.count(address, "command lines that log in");
      const { name, scopes, expiresInSeconds } = body;
      const request = { name, scopes, lifetimeMs: expiresInSeconds * second };
      const made = await devices.beginDevice(request, clock.now());
      // The code is typed, not part of the address: a link that somebody sends must not be enough.
      return {
        ...made,
        verificationUrl: `${publicOrigin}/device`,
        expiresInSeconds: waitSeconds,
        pollEverySeconds,
      };
    },
    pollDevice: async ({ body }) => {
      const polled = await devices.pollDevice(body.deviceCode, clock.now());
      return polled.state === "approved" ? polled : { state: polled.state, token: null, account: null };
    },
    approveDevice: async ({ principal, body }) => {
      demandBrowser(principal);
      codes.count(principal.account, "codes of command lines");
      const { userCode, approve } = body;
      if (await devices.approveDevice(userCode, principal.account, approve, clock.now())) return undefined;
      throw new EndstationError("not-found", "no command line waits with this code", {
        next: "Compare it with what the command line shows; after ten minutes it shows a new one.",
      });
    },
  };
}
