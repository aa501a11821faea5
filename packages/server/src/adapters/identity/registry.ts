import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { EndstationError, type IdentityProvider } from "@endstation/core";
import {
  arrivalOf,
  createDevelopmentIssuer,
  type DevelopmentAccount,
  developmentIssuerName,
  developmentPrefix,
  whyNotDirect,
} from "./development/index.ts";
import { createOidcProvider, type OidcConfig, oidcConfig } from "./oidc/index.ts";

export type { DevelopmentAccount } from "./development/index.ts";
export { type OidcConfig, oidcConfig } from "./oidc/index.ts";

/** Part of the portal's own origin that an identity adapter answers itself. */
export interface Mount {
  readonly prefix: string;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/** Who vouches for people, and what that brings along. */
export interface IdentitySetup {
  readonly provider: IdentityProvider;
  readonly mounts: readonly Mount[];
  /** Why a request may not log in here at all; null when it may. */
  refuses(request: IncomingMessage): string | null;
}

/** A configured OpenID Connect issuer. @throws config-invalid when the secret's file cannot be read. */
export async function configuredIdentity(config: OidcConfig): Promise<IdentitySetup> {
  const { clientSecretFile, ...rest } = config;
  const clientSecret = clientSecretFile === undefined ? null : await readSecret(clientSecretFile);
  return { provider: createOidcProvider({ ...rest, clientSecret }), mounts: [], refuses: () => null };
}

/**
 * The development issuer. The caller makes sure that no issuer is configured, that the listen address is loopback and
 * that no proxy is trusted; requests are looked at one by one here.
 * @throws development-only when the public URL is not a loopback address.
 */
export function developmentIdentity(
  publicUrl: string,
  accounts: readonly DevelopmentAccount[],
): IdentitySetup {
  const { issuer, clientId, clientSecret, handle } = createDevelopmentIssuer({
    publicUrl,
    accounts: [...accounts],
  });
  const roles = { admin: ["admin"], support: ["support"], "instrument-scientist": ["instrument-scientist"] };
  const { claims, scopes } = oidcConfig.parse({ issuer, clientId });
  const options = { issuer, clientId, clientSecret, claims, scopes, roles, knownAs: developmentIssuerName };
  const port = Number(new URL(publicUrl).port || 80);
  return {
    provider: createOidcProvider(options),
    mounts: [{ prefix: developmentPrefix, handle }],
    refuses: (request) => whyNotDirect(arrivalOf(request), port),
  };
}

async function readSecret(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new EndstationError(
      "config-invalid",
      `identity.clientSecretFile: ${file} cannot be read (${error.code})`,
    );
  });
  if (text.trim() === "")
    throw new EndstationError("config-invalid", `identity.clientSecretFile: ${file} is empty`);
  return text.trim();
}
