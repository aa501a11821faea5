import type { CancelSignal } from "./cancel-signal.ts";

/** Bytes of a dataset's files, confined to the dataset's folder: a link or `..` that leads out is "not there". */
export interface FileSource<Stream> {
  /** Null when there is no such file. `etag` changes with the content. */
  stat(
    dataset: string,
    path: string,
    signal: CancelSignal,
  ): Promise<{ readonly sizeBytes: number; readonly etag: string } | null>;
  /** The bytes from `start` to `end`, both included. */
  read(
    dataset: string,
    path: string,
    range: { readonly start: number; readonly end: number },
    signal: CancelSignal,
  ): Promise<Stream>;
}
