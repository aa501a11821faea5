import type { Hdf5Question } from "@endstation/core";

export type Question = Hdf5Question;

/** What a serving process is told first: the folder as it sees it, and where the filters lie. */
export interface Start {
  readonly root: string;
  readonly plugins: string;
}

/** A line of a serving process's output; after an answer come as many bytes as it says. */
export type ServingLine =
  | { readonly ready: true }
  | {
      readonly type: string;
      /** Under which name it is to be saved, where it is. */
      readonly name: string | null;
      readonly length: number;
      /** Whether the process ends now, because what it holds is not worth keeping. */
      readonly last: boolean;
    }
  | { readonly refused: Refused; readonly reason: string; readonly last: boolean };

/** `absent`: no such file or path. `wrong`: the question does not fit what is there. `broken`: the file does not give it. */
export type Refused = "absent" | "wrong" | "too-large" | "broken";
