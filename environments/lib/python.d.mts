export interface FoundPython {
  path: string;
  version: string;
  /** Where it is installed: a sandbox must show it this folder. */
  prefix: string;
}

export function findPython(chosen: string | undefined): Promise<FoundPython>;
export function requireVenv(python: FoundPython): Promise<void>;
