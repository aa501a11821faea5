import { type Cluster, Refusal } from "./client.ts";
import type { Surroundings } from "./offers.ts";

/** Milliseconds for which what was listed is good enough: what was full may be free, and the other way round. */
const goodFor = 30_000;

/** What the cluster has, listed when somebody wants to know and not more often than that. */
export class SurroundingsView {
  readonly #cluster: Cluster;
  #listed: { readonly at: number; readonly what: Promise<Surroundings> } | null = null;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  look(): Promise<Surroundings> {
    const now = performance.now();
    if (this.#listed === null || now - this.#listed.at > goodFor) {
      const listed = { at: now, what: this.#list() };
      this.#listed = listed;
      listed.what.catch(() => {
        if (this.#listed === listed) this.#listed = null;
      });
    }
    return this.#listed.what;
  }

  async #list(): Promise<Surroundings> {
    const cluster = this.#cluster;
    const [nodes, pods, quotas, claims] = await Promise.all([
      unlessForbidden(cluster.nodes()),
      unlessForbidden(cluster.allPods()),
      unlessForbidden(cluster.quotas()),
      unlessForbidden(cluster.claims()),
    ]);
    return { nodes, pods, quotas, claims };
  }
}

/** A site may keep what lies beyond the namespace to itself. */
async function unlessForbidden<T>(listed: Promise<T>): Promise<T | null> {
  try {
    return await listed;
  } catch (error) {
    if (error instanceof Refusal && error.status === 403) return null;
    throw error;
  }
}
