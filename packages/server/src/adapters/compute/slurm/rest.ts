import { type CancelSignal, Unavailable } from "@endstation/core";
import { Pool } from "undici";
import type { z } from "zod";
import type { SlurmConfig } from "./config.ts";
import { faultOf, noSuchJob } from "./refusals.ts";
import { submissionFor, versionAmong } from "./rest-versions.ts";
import {
  faultAnswer,
  jobsAnswer,
  nodesAnswer,
  openApiAnswer,
  partitionsAnswer,
  placesOf,
  submitAnswer,
} from "./schema.ts";
import type { Slurm } from "./slurm.ts";
import type { Tokens } from "./tokens.ts";

/** slurmrestd answers within about 20 s when slurmctld does not. */
const patience = 30_000;

interface Call {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly account: string;
  readonly body?: object;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Slurm by slurmrestd, of any version since 22.05. `close` lets its connections go. */
export function slurmByRest(
  rest: NonNullable<SlurmConfig["rest"]>,
  tokens: Tokens,
): Slurm & { close(): Promise<void> } {
  const pool = new Pool(new URL(rest.url).origin, {
    connections: 8,
    headersTimeout: patience,
    bodyTimeout: patience,
    ...(rest.socket === undefined ? {} : { socketPath: rest.socket }),
  });
  const base = new URL(rest.url).pathname.replace(/\/$/, "");
  const send = async ({ method, path, account, body }: Call, signal: CancelSignal): Promise<Answer> => {
    const headers = { "x-slurm-user-name": account, "x-slurm-user-token": await tokens(account) };
    const json =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { ...headers, "content-type": "application/json" } };
    return within(signal, async (abort) => {
      const answer = await pool.request({ method, path: `${base}${path}`, headers, ...json, signal: abort });
      return { status: answer.statusCode, text: await answer.body.text() };
    });
  };

  let known: Promise<number> | null = null;
  const version = (signal: CancelSignal): Promise<number> => {
    known ??= discover(signal).catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };
  const discover = async (signal: CancelSignal): Promise<number> => {
    const answer = await send({ method: "GET", path: "/openapi/v3", account: rest.operator }, signal);
    const { paths } = parse("which versions it speaks", openApiAnswer, answer);
    const found = versionAmong(Object.keys(paths));
    if (found === null)
      throw new Unavailable("slurmrestd speaks no version that is known here (v0.0.38 to v0.0.44)");
    return found;
  };
  const ask = async (call: Call, signal: CancelSignal): Promise<Answer> => {
    const answer = await send({ ...call, path: `/slurm/v0.0.${await version(signal)}${call.path}` }, signal);
    if (answer.status === 404) known = null; // perhaps it was upgraded
    return answer;
  };
  const get = (path: string, signal: CancelSignal) =>
    ask({ method: "GET", path, account: rest.operator }, signal);

  return {
    submit: async (job, signal) => {
      const body = submissionFor(await version(signal), job);
      const answer = await ask(
        { method: "POST", path: "/job/submit", account: job.account.name, body },
        signal,
      );
      const taken = submitAnswer.safeParse(jsonOf(answer)).data;
      if (taken !== undefined) return taken.job_id;
      throw faultIn("submitting a job", answer);
    },
    jobs: async (signal) => parse("the list of jobs", jobsAnswer, await get("/jobs", signal)).jobs,
    job: async (id, signal) => {
      const answer = await get(`/job/${id}`, signal);
      if (codeIn(answer) === noSuchJob) return null;
      return parse(`job ${id}`, jobsAnswer, answer).jobs[0] ?? null;
    },
    cancel: async (id, account, signal) => {
      const answer = await ask({ method: "DELETE", path: `/job/${id}`, account: account.name }, signal);
      if (hasFault(answer) && codeIn(answer) !== noSuchJob) throw faultIn(`cancelling job ${id}`, answer);
    },
    places: async (signal) => {
      const [partitions, nodes] = await Promise.all([get("/partitions", signal), get("/nodes", signal)]);
      return placesOf(
        parse("the list of partitions", partitionsAnswer, partitions),
        parse("the list of nodes", nodesAnswer, nodes),
      );
    },
    close: () => pool.destroy(),
  };
}

function jsonOf({ text }: Answer): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function parse<Shape extends z.ZodType>(what: string, shape: Shape, answer: Answer): z.output<Shape> {
  if (hasFault(answer)) throw faultIn(`asking for ${what}`, answer);
  const parsed = shape.safeParse(jsonOf(answer));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Unavailable(
    `slurmrestd's answer to ${what} is not understood: ${issue?.path.join(".")} ${issue?.message}`,
  );
}

/** An answer with an error is none, whatever else is in it: an empty list beside one is not the truth. */
function hasFault(answer: Answer): boolean {
  return answer.status >= 400 || faultsOf(answer).length > 0;
}

function faultIn(what: string, answer: Answer) {
  const faults = faultsOf(answer);
  if (faults.length === 0)
    return new Unavailable(`${what}: HTTP ${answer.status} ${answer.text.slice(0, 200).trim()}`);
  return faultOf(what, codeIn(answer) ?? -1, faults.map(({ said }) => said).join("; "));
}

function codeIn(answer: Answer): number | null {
  return faultsOf(answer).find(({ code }) => code !== null)?.code ?? null;
}

function faultsOf(answer: Answer) {
  return faultAnswer.safeParse(jsonOf(answer)).data?.errors ?? [];
}

async function within<T>(signal: CancelSignal, work: (abort: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (signal.aborted) throw new Unavailable("called off");
  signal.addEventListener("abort", abort);
  try {
    return await work(controller.signal);
  } catch (error) {
    throw new Unavailable(signal.aborted ? "called off" : `slurmrestd: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
