import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { ComputeProvider, Environment } from "@endstation/core";
import type { Logger } from "pino";
import { computeAdapters } from "../adapters/compute/registry.ts";
import { type Config, demandDevelopment } from "../config/index.ts";
import type { ComputeSite, Provider } from "../transports/provider.ts";

/** The configured compute providers by name, and how to let go of them. */
export interface Providers {
  readonly byName: ReadonlyMap<string, ComputeProvider<Duplex>>;
  close(): Promise<void>;
}

/** @throws development-only when a provider does not isolate sessions and the configuration is for real users. */
export function composeProviders(
  config: Config,
  site: Pick<ComputeSite, "launcherFolder" | "tunnels" | "clock">,
  log: Logger,
): Providers {
  const made = config.compute.map(({ name, type, onlyFor: _, ...own }) => {
    const stateFolder = join(config.stateFolder, "compute", name);
    const given = { ...site, name, stateFolder, runFolder: null, log: log.child({ provider: name }) };
    const create = computeAdapters[type].create as (config: unknown, site: ComputeSite) => Provider;
    return [name, create(own, given)] as const;
  });
  for (const [name, { capabilities, unusable }] of made) {
    log.info({ provider: name, ...capabilities }, "compute provider");
    if (unusable !== null) log.error({ provider: name, why: unusable }, "no session can be started");
    if (capabilities.isolation === "none")
      demandDevelopment(config, `isolation none (compute provider "${name}")`);
  }
  return {
    byName: new Map(made),
    close: async () => void (await Promise.all(made.map(([, provider]) => provider.close()))),
  };
}

/** Loads environments beforehand where a provider can, the first ones first. */
export async function warmUp(providers: Providers, environments: readonly Environment[]): Promise<void> {
  for (const provider of providers.byName.values()) {
    if (!("prepare" in provider) || typeof provider.prepare !== "function") continue;
    for (const { source } of environments) await provider.prepare(source);
  }
}
