import type { ErrorCode } from "@endstation/core";
import type { PullLine } from "./schema.ts";

interface Layer {
  total: number;
  downloaded: number;
  unpacked: number;
}

/** How far a pull is, from the engine's lines about each layer: what is downloaded and what is unpacked count alike. */
export class Progress {
  readonly #layers = new Map<string, Layer>();
  #highest = 0;

  add({ id, status, progressDetail }: PullLine): void {
    if (id === undefined) return;
    const layer = this.#layers.get(id);
    const { current = 0, total = 0 } = progressDetail ?? {};
    if (status === "Downloading" && total > 0)
      this.#layers.set(id, { total, downloaded: current, unpacked: 0 });
    if (layer === undefined) return;
    if (status === "Download complete") layer.downloaded = layer.total;
    if (status === "Extracting") layer.unpacked = Math.min(current, layer.total);
    if (status === "Pull complete") layer.unpacked = layer.total;
  }

  /** Never goes back, although layers become known one after the other. */
  toString(): string {
    const layers = [...this.#layers.values()];
    const total = 2 * layers.reduce((sum, layer) => sum + layer.total, 0);
    const done = layers.reduce((sum, layer) => sum + layer.downloaded + layer.unpacked, 0);
    if (total > 0) this.#highest = Math.max(this.#highest, Math.floor((100 * done) / total));
    return total > 0 ? `pulling image: ${this.#highest} %` : "pulling image";
  }
}

const missing =
  /not found|manifest unknown|name unknown|no matching manifest|does not exist|denied|unauthorized|no basic auth|invalid reference|unsupported/i;

/** Why an image can never be had, by the engine's words; null: it may come yet. */
export function refusalOfPull(message: string): ErrorCode | null {
  if (/no space left on device/.test(message)) return "disk-full";
  return missing.test(message) ? "environment-unavailable" : null;
}
