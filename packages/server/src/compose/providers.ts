import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { Clock, ComputeProvider, Environment } from "@endstation/core";
import type { Logger } from "pino";
import { computeAdapters } from "../adapters/compute/registry.ts";
import { type Config, demandDevelopment } from "../config/index.ts";

/** The configured compute providers by name, and how to let go of them. */
export interface Providers {
  readonly byName: ReadonlyMap<string, ComputeProvider<Duplex>>;
  close(): void;
}

/** @throws development-only when a provider does not isolate sessions and the configuration is for real users. */
export function composeProviders(
  config: Config,
  launcherFolder: string,
  clock: Clock,
  log: Logger,
): Providers {
  const made = config.compute.map(({ name, type, ...own }) => {
    const stateFolder = join(config.stateFolder, "compute", name);
    const site = { name, stateFolder, runFolder: null, launcherFolder, clock };
    return [name, computeAdapters[type].create(own, site)] as const;
  });
  for (const [name, { capabilities, unusable }] of made) {
    log.info({ provider: name, ...capabilities }, "compute provider");
    if (unusable !== null) log.error({ provider: name, why: unusable }, "no session can be started");
    if (capabilities.isolation === "none")
      demandDevelopment(config, `isolation none (compute provider "${name}")`);
  }
  return {
    byName: new Map(made),
    close: () => {
      for (const [, provider] of made) provider.close();
    },
  };
}

/** Loads environments beforehand where a provider can, the first ones first. */
export async function warmUp(providers: Providers, environments: readonly Environment[]): Promise<void> {
  for (const provider of providers.byName.values()) {
    if (!("prepare" in provider) || typeof provider.prepare !== "function") continue;
    for (const { source } of environments) await provider.prepare(source);
  }
}
