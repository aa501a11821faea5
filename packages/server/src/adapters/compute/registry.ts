import type { ComputeSite, Provider } from "../../transports/provider.ts";
import { createLocalProvider, type LocalConfig, localConfig } from "./local/index.ts";

/** Every kind of compute provider: what may be configured of it, and how one is made. */
export const computeAdapters = {
  local: {
    schema: localConfig,
    create: (config: LocalConfig, site: ComputeSite) => createLocalProvider({ ...config, ...site }),
  },
} as const satisfies Record<string, { schema: unknown; create(config: never, site: ComputeSite): Provider }>;
