import type { FoundPython } from "./python.d.mts";

export interface Tools {
  uv: string;
  python: string;
}

export const UV_VERSION: string;
export function installUv(options: {
  softwareFolder: string;
  python: FoundPython;
  requirements: string;
}): Promise<Tools>;
export function uvEnvironment(options: {
  softwareFolder: string;
  tools: Tools;
}): Promise<Record<string, string>>;
