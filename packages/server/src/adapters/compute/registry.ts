import type { Duplex } from "node:stream";
import type { ComputeProvider } from "@endstation/core";
import { createLocalProvider, type LocalConfig, type LocalSite, localConfig } from "./local/index.ts";

/** Every kind of compute provider: what may be configured of it, and how one is made. */
export const computeAdapters = {
  local: {
    schema: localConfig,
    create: (config: LocalConfig, site: LocalSite) => createLocalProvider({ ...config, ...site }),
  },
} as const satisfies Record<
  string,
  { schema: unknown; create(config: never, site: never): ComputeProvider<Duplex> }
>;
