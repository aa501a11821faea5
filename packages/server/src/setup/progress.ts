/** How one step of the set-up stands. */
export interface Progress {
  readonly step: string;
  readonly state: "running" | "done" | "skipped" | "failed";
  /** What is being done, or what came of it; may be empty. */
  readonly detail: string;
  readonly seconds: number;
}

export type OnProgress = (progress: Progress) => void;

/** Runs a step and tells how it stands; `tell` says what is being done meanwhile, the result what came of it. */
export async function step<T>(
  onProgress: OnProgress,
  name: string,
  work: (tell: (detail: string) => void) => Promise<Outcome<T>> | Outcome<T>,
): Promise<T> {
  const start = performance.now();
  const report = (state: Progress["state"], detail: string) =>
    onProgress({ step: name, state, detail, seconds: (performance.now() - start) / 1000 });
  report("running", "");
  try {
    const { value, detail = "", skipped = false } = await work((now) => report("running", now));
    report(skipped ? "skipped" : "done", detail);
    return value;
  } catch (error) {
    report("failed", error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
    throw error;
  }
}

export interface Outcome<T> {
  readonly value: T;
  readonly detail?: string;
  readonly skipped?: boolean;
}

const marks = { running: "…", done: "✔", skipped: "–", failed: "✖" } as const;

/** Prints a line when a step says something new or ends; a step that ends at once has one line. */
export function progressPrinter(write: (text: string) => void): OnProgress {
  return ({ step: name, state, detail, seconds }) => {
    if (state === "running" && detail === "") return;
    const words = detail === "" ? name : `${name}: ${detail}`;
    const time = state === "running" ? "" : ` (${seconds.toFixed(1)} s)`;
    write(`${marks[state]} ${words}${time}\n`);
  };
}
