import type { Cluster } from "./client.ts";

/** Lines that are asked for at most, however short they are. */
const mostLines = 10_000;

/** The last `maxBytes` of what a session wrote, from whole lines where it is cut; empty when it wrote nothing. */
export async function lastOf(cluster: Cluster, name: string, maxBytes: number): Promise<string> {
  const body = await cluster.log(name, Math.min(maxBytes, mostLines));
  if (body === null) return "";
  let kept = Buffer.alloc(0);
  let cut = false;
  for await (const chunk of body) {
    const all = Buffer.concat([kept, chunk as Buffer]);
    cut ||= all.length > maxBytes;
    kept = all.subarray(Math.max(0, all.length - maxBytes));
  }
  return cut ? kept.subarray(kept.indexOf("\n") + 1).toString() : kept.toString();
}
