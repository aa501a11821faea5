import type { ReadDeps } from "@endstation/core";
import pino from "pino";
import type { RunningHdf5Service } from "../hdf5/service.ts";
import { createApp } from "../http/app.ts";
import { registerHdf5 } from "../http/hdf5.ts";

/** The portal's HDF5 calls over one folder that everybody may read, and nothing else of the portal. */
export async function startHdf5Server(
  service: RunningHdf5Service,
  folder: string,
): Promise<{ readonly url: string; end(): Promise<void> }> {
  const app = await createApp({
    log: pino({ level: "silent" }),
    front: { handleRequest: () => false, handleUpgrade: () => false },
    trustedProxies: [],
  });
  const index = { datasetsById: async () => [{ catalogue: "one", access: "open", dataset: {} }] };
  const catalogues = new Map([["one", { folder: async () => folder }]]);
  const read = { index, catalogues, policy: { instrumentsOf: {} }, clock: { now: () => 0 } };
  registerHdf5(app, {
    read: { ...(read as unknown as ReadDeps), hdf5: service },
    authenticate: async () => ({ account: "one", name: "", email: null, roles: [], scopes: null }),
    sending: 512 * 1024 * 1024,
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as { readonly port: number };
  return { url: `http://127.0.0.1:${port}/api/v1/datasets/any/hdf5`, end: () => app.close() };
}
