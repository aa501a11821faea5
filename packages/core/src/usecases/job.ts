import type { Environment } from "../environment/environment.ts";
import { EndstationError } from "../errors.ts";
import type { Batch, SessionId } from "../session/session.ts";

/** What a batch session is to run: a program's text, or one of the environment's notebooks. */
export interface JobRequest {
  readonly script: string | null;
  readonly notebook: string | null;
  readonly arguments: readonly string[];
  /** `datasets`: a session for each of the datasets. */
  readonly over: "datasets" | null;
  readonly retries: number;
}

/** An environment that is for batch alone starts nothing without a job. */
export function demandJob(environment: Environment, job: JobRequest | null): void {
  if (environment.kind === "batch" && job === null)
    throw new EndstationError(
      "malformed-request",
      `body.job: "${environment.name}" runs batch sessions only; say what is to run`,
    );
}

/** Null where one session is to have all the datasets: it is no array. */
export function arrayOver<Item>(job: JobRequest | null, datasets: readonly Item[]): readonly Item[] | null {
  return job?.over === "datasets" ? datasets : null;
}

/** What a session has of the job; `size` null: it is alone. */
export function batchOf(job: JobRequest, id: SessionId, index: number, size: number | null): Batch {
  return {
    hasScript: job.script !== null,
    arguments: job.arguments,
    retries: job.retries,
    array: size === null ? null : { id, index, size },
  };
}
