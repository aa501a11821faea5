import type { EnvironmentSource, ErrorCode, Offer, PlaceRequest } from "@endstation/core";
import { seenThere } from "../../../transports/paths.ts";
import type { Census } from "./census.ts";
import { type Cluster, optionsFor } from "./cluster.ts";
import type { SlurmConfig } from "./config.ts";
import { offerOf, sizeOf } from "./offers.ts";

export const kinds = ["jupyter", "terminal", "batch"] as const;

export function sourcesOf({ sandbox }: Pick<SlurmConfig, "sandbox">): readonly (keyof EnvironmentSource)[] {
  return sandbox === "bubblewrap" ? ["path", "module"] : ["apptainer"];
}

/** Whether it could run there at all, and how soon. `latest`: a list of jobs, where there is one. */
export async function offersFor(
  cluster: Cluster,
  request: PlaceRequest,
  latest: Census | null,
): Promise<Offer> {
  const { config, site, now } = cluster;
  const { kind, flavour, source, folders } = request;
  if (!kinds.some((one) => one === kind) || !runs(config, source))
    return no("environment-unavailable", `a ${kind} session of this environment cannot run on ${site.name}`);
  const unseen = folders.filter((folder) => seenThere(config.paths, folder) === null);
  if (unseen.length > 0) return no("data-unreachable", `${site.name} does not see ${unseen.join(", ")}`);
  const options = optionsFor(cluster, flavour.name);
  const size = sizeOf(flavour, options, config.lifetimeMinutes);
  return offerOf(size, options, await cluster.places(), latest?.busyUntil ?? new Map(), now());
}

/** A folder must be one that the nodes see; modules and images are theirs. */
function runs(config: SlurmConfig, source: EnvironmentSource): boolean {
  const first = sourcesOf(config).find((one) => source[one] !== undefined);
  if (first === undefined) return false;
  return first !== "path" || seenThere(config.paths, source.path ?? "") !== null;
}

function no(code: ErrorCode, detail: string): Offer {
  return { fits: false, code, detail };
}
