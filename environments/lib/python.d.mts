export interface FoundPython {
  path: string;
  version: string;
  /** Where it is installed: a sandbox must show it this folder. */
  prefix: string;
}

/** `chosen` is taken as it is; otherwise the first of the candidates that sessions can reach. */
export function findPython(chosen: string | undefined, candidates?: string[]): Promise<FoundPython>;
export function requireVenv(python: FoundPython): Promise<void>;
