import { type Clock, minute } from "@endstation/core";
import type { Logger } from "pino";
import type { FolderAccount } from "../adapters/catalogue/registry.ts";
import {
  configuredIdentity,
  developmentIdentity,
  type IdentitySetup,
} from "../adapters/identity/registry.ts";
import { type Config, developmentGuard } from "../config/index.ts";
import type { IdentityStore } from "../store/identity.ts";

/** The configured issuer, or the development issuer with the accounts that the catalogues declare. */
export async function composeIdentity(
  config: Config,
  accounts: readonly FolderAccount[],
): Promise<IdentitySetup> {
  if (config.identity !== null) return configuredIdentity(config.identity);
  developmentGuard(config);
  return developmentIdentity(
    config.publicUrl,
    accounts.map((account) => ({ ...account, roles: [...account.roles] })),
  );
}

/** Makes declared accounts known, again and again, and forgets log-ins and tokens that are over. */
export function keepPeople(
  identities: IdentityStore,
  accounts: () => Promise<readonly FolderAccount[]>,
  clock: Clock,
  log: Logger,
): { stop(): void } {
  const round = async () => {
    await identities.declareAccounts(await accounts(), clock.now());
    await identities.sweep(clock.now());
  };
  const quietly = () =>
    void round().catch((error: unknown) => log.warn({ err: error }, "people were not brought up to date"));
  const timer = setInterval(quietly, 5 * minute);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
