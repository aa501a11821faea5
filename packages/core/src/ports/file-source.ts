import type { CancelSignal } from "./cancel-signal.ts";

/** A file that is open: size, etag and bytes belong to the same file, whatever happens to its name meanwhile. */
export interface OpenFile<Stream> {
  readonly sizeBytes: number;
  /** Changes with the content; without quotes. */
  readonly etag: string;
  /** The bytes from `start` to `end`, both included; the stream closes the file when it ends or is destroyed. */
  read(range: { readonly start: number; readonly end: number }): Stream;
  /** For a file that is not read after all. */
  close(): Promise<void>;
}

/** Bytes of a dataset's files, confined to the dataset's folder. */
export interface FileSource<Stream> {
  /**
   * Null when there is no such file: also for a folder, a pipe or a device, and for a link or `..` that leads out.
   * Throws `Rejected` (`file-unreadable`) when it is there and may not be read, `Unavailable` when that cannot be told.
   */
  open(dataset: string, path: string, signal: CancelSignal): Promise<OpenFile<Stream> | null>;
}
