export interface ListOptions {
  softwareFolder: string;
  /** The environment. */
  name: string;
  digest: string;
  /** Its folder. */
  path: string;
  /** Told what is being done. */
  report: (step: string) => void;
}

/** The list's file; null on a Node that cannot pack all of it. */
export function listStaticFiles(options: ListOptions): Promise<string | null>;
