/** What a reader process says of one file. Strings are short and without control characters; all of it is bounded. */
export interface FileReading {
  /** Why nothing could be read; null when it was read. */
  readonly problem: string | null;
  /** What hinders reading a part of it, such as links to files that are not there. */
  readonly remarks: readonly string[];
  readonly title: string | null;
  readonly startTime: string | null;
  readonly endTime: string | null;
  readonly instrument: string | null;
  readonly definitions: readonly string[];
  readonly sample: { readonly name: string; readonly description: string | null } | null;
  readonly parameters: readonly FileParameter[];
  readonly plot: FilePlot;
}

export interface FileParameter {
  readonly name: string;
  readonly value: number | string | readonly number[];
  readonly unit: string | null;
}

export interface FileAxis {
  readonly label: string;
  readonly unit: string | null;
  readonly values: readonly (number | null)[];
  readonly scale: "linear" | "log";
}

/** The default plot that the file declares, reduced to at most 500 points or 200 × 200. */
export type FilePlot =
  | { readonly shape: "curve"; readonly title: string; readonly x: FileAxis; readonly y: FileAxis }
  | {
      readonly shape: "image";
      readonly title: string;
      readonly width: number;
      readonly height: number;
      readonly values: readonly (number | null)[];
      readonly scale: "linear" | "log";
    }
  | { readonly shape: "none"; readonly why: string };

/** What a reader process is told: the folder as it sees it, and files in it. */
export interface ReadingJob {
  readonly root: string;
  readonly plugins: string;
  readonly files: readonly string[];
}

/** A line of a reader process's output. */
export type ReaderLine =
  | { readonly ready: true }
  | { readonly begin: string }
  | { readonly path: string; readonly reading: FileReading };

/** What is known of a file that could not be read. */
export function unread(problem: string): FileReading {
  return {
    problem,
    remarks: [],
    title: null,
    startTime: null,
    endTime: null,
    instrument: null,
    definitions: [],
    sample: null,
    parameters: [],
    plot: { shape: "none", why: problem },
  };
}
