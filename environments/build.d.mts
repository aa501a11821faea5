export { BuildError, type BuildErrorCode } from "./lib/errors.mjs";

export interface Progress {
  /** The environment. */
  name: string;
  /** What is being done now, in words. */
  step: string;
  /** True once, when the environment is there. */
  done: boolean;
}

export interface BuiltEnvironment {
  /** Its folder: all that a session needs to see of it, and never changed once it is there. */
  path: string;
  /** Where its template notebooks lie, below `path`. */
  notebooks: string;
  /** The list of what the gateway may serve in its sessions' stead; null: nothing. */
  staticFiles: string | null;
  digest: string;
  pythonVersion: string;
}

export interface BuildOptions {
  /** Where built software is kept; below it `environments/<name>-<digest>`. */
  softwareFolder: string;
  /** The folder of declarations: this one, where left out. */
  environmentsFolder?: string;
  /** A Python of one's own choice; where left out, the first that fits is found. */
  python?: string;
  /** Which environments; all, where left out. */
  names?: string[];
  onProgress?: (progress: Progress) => void;
}

export function buildEnvironments(options: BuildOptions): Promise<Record<string, BuiltEnvironment>>;

/** The environments that are declared in a folder. */
export function declaredEnvironments(environmentsFolder?: string): Promise<string[]>;
