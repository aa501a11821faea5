import type { Logger } from "pino";
import type { Tunnels } from "../../../transports/tunnel/index.ts";
import type { Cluster } from "./client.ts";
import type { KubernetesConfig } from "./config.ts";
import { label } from "./names.ts";
import type { Pod } from "./schema.ts";
import type { SurroundingsView } from "./surroundings.ts";

/** What the parts of the provider work with. */
export interface Site {
  readonly name: string;
  readonly config: KubernetesConfig;
  readonly cluster: Cluster;
  /** Marks what is ours. */
  readonly owner: string;
  readonly tunnels: Tunnels;
  /** `launcher.pyz`. */
  readonly launcherZip: Uint8Array;
  readonly surroundings: SurroundingsView;
  readonly now: () => number;
  readonly log: Pick<Logger, "info" | "warn">;
}

/** Every attempt of a session, asked of the cluster. */
export async function podsOf({ cluster, owner }: Site, sessionId: string): Promise<readonly Pod[]> {
  return (await cluster.pods({ [label.owner]: owner, [label.session]: sessionId })).pods;
}

/** Null: it is no more. */
export async function podNamed(site: Site, name: string, sessionId: string): Promise<Pod | null> {
  return (await podsOf(site, sessionId)).find((pod) => pod.metadata.name === name) ?? null;
}
