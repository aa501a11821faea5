import { type CancelSignal, type Capabilities, type LaunchSpec, Rejected } from "@endstation/core";
import { unlessCalledOff } from "../../../transports/calling-off.ts";
import type { ComputeSite, Provider } from "../../../transports/provider.ts";
import { takeCensus } from "./census.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import type { SlurmConfig } from "./config.ts";
import { dial, logs } from "./dialling.ts";
import { end, meantBy } from "./ending.ts";
import { tidy } from "./keeping.ts";
import { launch } from "./launching.ts";
import { Looks } from "./looks.ts";
import { handleOf, startOf } from "./names.ts";
import { kinds, offersFor, sourcesOf } from "./offering.ts";
import { Turns } from "./turns.ts";
import { Watch } from "./watching.ts";

export { type SlurmConfig, slurmConfig } from "./config.ts";

const hour = 3_600_000;

/** Sessions as jobs of a Slurm cluster. @throws config-invalid where the configuration's keys do not fit together. */
export function createSlurmProvider(config: SlurmConfig, site: ComputeSite): Provider {
  const cluster = openCluster(config, site);
  const watch = new Watch((signal) => takeCensus(cluster, signal), config.listSeconds * 1000);
  const looks = new Looks(cluster, watch);
  const turns = new Turns();
  const needs = { cluster, made: new Set<string>(), fresh: (signal: CancelSignal) => watch.fresh(signal) };
  const tidying = setInterval(() => void tidyUp(cluster, watch), hour).unref();
  return {
    capabilities: capabilitiesOf(config),
    unusable: null,
    offers: (request, signal) => unlessCalledOff(signal, () => offersFor(cluster, request, watch.latest)),
    launch: (spec, signal) =>
      unlessCalledOff(signal, async () => {
        const handle = demandedHandle(spec);
        await turns.take(handle, () => launch(needs, spec, signal));
        looks.follow(handle, "running");
        return { handle };
      }),
    observe: (signal) => watch.observe(signal),
    terminate: (target, signal) =>
      unlessCalledOff(signal, async () => {
        const fresh = () => watch.fresh(signal);
        for (const start of await meantBy(cluster, target, fresh)) {
          await end(cluster, start, fresh, signal);
          looks.follow(handleOf(start), "gone");
        }
      }),
    dial: (target, endpoint, signal) =>
      unlessCalledOff(signal, () => dial(cluster, target, endpoint, signal)),
    logs: (target, maxBytes, signal) =>
      unlessCalledOff(signal, () => logs(cluster, target, maxBytes, signal)),
    close: async () => {
      clearInterval(tidying);
      looks.close();
      watch.close();
      await cluster.close();
    },
  };
}

function capabilitiesOf(config: SlurmConfig): Capabilities {
  return {
    kinds,
    endpoints: ["jupyter", "terminal"],
    logs: true,
    isolation: config.sandbox === "bubblewrap" ? "sandbox" : "container",
    limits: "engine",
    network: config.network,
    sources: sourcesOf(config),
  };
}

function demandedHandle(spec: LaunchSpec): string {
  const handle = handleOf(spec);
  if (startOf(handle) === null) throw new Rejected("launch-rejected", `"${handle}" is no name for a session`);
  if (!kinds.some((kind) => kind === spec.kind))
    throw new Rejected("launch-rejected", `${spec.kind} sessions do not run there`);
  return handle;
}

async function tidyUp(cluster: Cluster, watch: Watch): Promise<void> {
  const calm = new AbortController().signal;
  try {
    await tidy(cluster, await watch.fresh(calm), calm);
  } catch (error) {
    cluster.site.log.warn({ err: error }, "what is left of ended sessions is not removed now");
  }
}
