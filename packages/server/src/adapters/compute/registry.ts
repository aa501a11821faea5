import type { ComputeSite, Provider } from "../../transports/provider.ts";
import { createDockerProvider, type DockerConfig, dockerConfig } from "./docker/index.ts";
import { createKubernetesProvider, type KubernetesConfig, kubernetesConfig } from "./kubernetes/index.ts";
import { createLocalProvider, type LocalConfig, localConfig } from "./local/index.ts";
import { createSlurmProvider, type SlurmConfig, slurmConfig } from "./slurm/index.ts";

/** Every kind of compute provider: what may be configured of it, and how one is made. */
export const computeAdapters = {
  local: {
    schema: localConfig,
    create: (config: LocalConfig, site: ComputeSite) => createLocalProvider({ ...config, ...site }),
  },
  docker: {
    schema: dockerConfig,
    create: (config: DockerConfig, site: ComputeSite) => createDockerProvider(config, site),
  },
  slurm: {
    schema: slurmConfig,
    create: (config: SlurmConfig, site: ComputeSite) => createSlurmProvider(config, site),
  },
  kubernetes: {
    schema: kubernetesConfig,
    create: (config: KubernetesConfig, site: ComputeSite) => createKubernetesProvider(config, site),
  },
} as const satisfies Record<string, { schema: unknown; create(config: never, site: ComputeSite): Provider }>;
