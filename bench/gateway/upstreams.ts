import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../processes.ts";
import { ended, loadCore, node, startOn, told } from "./children.ts";
import { upstreamConfig } from "./nginx.ts";
import { listening, type Targets } from "./subjects.ts";
import type { Tools } from "./tools.ts";

export const blobBytes = 10 * 1024 * 1024;

/** What stands for the sessions' servers, beside the load: nginx for small answers and 10 MB, Node for the rest. */
export async function startUpstreams(
  { nginx }: Tools,
  folder: string,
): Promise<{ targets: Targets; end(): Promise<void> }> {
  const own = join(folder, "upstream");
  mkdirSync(own);
  writeFileSync(join(own, "blob"), Buffer.alloc(blobBytes, "x"));
  const http = await freePort();
  writeFileSync(join(own, "nginx.conf"), upstreamConfig(own, http));
  const small = startOn(loadCore, [nginx, "-p", own, "-c", join(own, "nginx.conf")]);
  const rest = told(startOn(loadCore, [...node, join(import.meta.dirname, "upstream.ts")]));
  const sockets = Number(await rest.line());
  await listening(http);
  return {
    targets: { http, sockets },
    end: async () => {
      await Promise.all([ended(small), ended(rest.child)]);
    },
  };
}
