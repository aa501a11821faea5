import type { CancelSignal } from "./cancel-signal.ts";

/** A question about an HDF5 file, in the terms of h5grove's calls. */
export interface Hdf5Question {
  readonly call: "attr" | "data" | "meta" | "paths" | "stats";
  /** The file, relative to the dataset's folder. */
  readonly file: string;
  /** The place in the file. */
  readonly path: string;
  readonly resolveLinks: "none" | "only_valid" | "all";
  readonly attributes: readonly string[] | null;
  readonly format: "json" | "bin" | "csv" | "npy" | "tiff";
  readonly dtype: "origin" | "safe";
  readonly flatten: boolean;
  readonly selection: string | null;
}

export interface Hdf5Answer {
  readonly type: string;
  /** Under which name it is to be saved; null when it is to be looked at. */
  readonly name: string | null;
  readonly bytes: Uint8Array;
}

/** Whose files are asked about: people with other rights never share a reader. */
export interface Hdf5Place {
  /** The dataset's folder, free of symbolic links. */
  readonly folder: string;
  readonly rights: string;
}

/** Answers questions about what is inside HDF5 files, with readers that see nothing but the dataset's folder. */
export interface Hdf5Service {
  /**
   * @throws EndstationError when there is no answer: `not-found` · `file-question` · `answer-too-large` · `file-unreadable`.
   * @throws Unavailable when readers cannot be started here, or too many wait already.
   */
  ask(place: Hdf5Place, question: Hdf5Question, signal: CancelSignal): Promise<Hdf5Answer>;
}
