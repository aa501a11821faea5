import type { EngineSettings } from "../../packages/server/src/testing/engines.ts";
import type { EnginePortal } from "./engine-portal.ts";

export function dockerPortal({ socket, images }: EngineSettings<"docker">): EnginePortal {
  return {
    config: async () => `environments: [nexus]
sources:
  nexus: { image: "${images["nexus"]}" }
compute:
  - { name: docker, type: docker, socket: ${socket} }
`,
    undo: async () => {},
  };
}
