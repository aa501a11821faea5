import { z } from "zod";
import { exitOf, type Job, type Place } from "./slurm.ts";

/**
 * What slurmrestd answers, from v0.0.38 to v0.0.44: a number is a number, null, or from v0.0.40 on a
 * `{ set, infinite, number }`; a state is a word or a list of words. Fields that are not used are not looked at.
 * Source: `/openapi/v3` of slurmrestd 22.05, and the OpenAPI documents of Slurm 24.05 to 25.11.
 */
const boxed = z.object({ set: z.boolean(), infinite: z.boolean().optional(), number: z.number() });

/** Null: not set, or without limit. */
const number = z
  .union([z.number(), z.null(), boxed])
  .optional()
  .transform((value) => {
    if (value === undefined || value === null || typeof value === "number") return value ?? null;
    return value.set && value.infinite !== true ? value.number : null;
  });

const words = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === "string" ? [value] : value).map((word) => word.toUpperCase()));

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");

/** v0.0.38 a wait status; later on its parts. */
const exit = z
  .union([
    z.number().transform(exitOf),
    z
      .object({
        return_code: number,
        signal: z.object({ signal_id: number, id: number }).partial().nullish(),
      })
      .transform(({ return_code, signal }) => ({
        code: return_code ?? 0,
        signal: signal?.id ?? signal?.signal_id ?? 0,
      })),
  ])
  .nullish()
  .transform((value) => value ?? { code: 0, signal: 0 });

const job = z
  .object({
    job_id: z.int(),
    name: text,
    comment: text,
    user_name: text,
    partition: text,
    job_state: words,
    state_reason: text,
    exit_code: exit,
    restart_cnt: number,
    nodes: text,
    start_time: number,
    end_time: number,
  })
  .transform(
    (one): Job => ({
      id: one.job_id,
      name: one.name,
      comment: one.comment,
      user: one.user_name,
      partition: one.partition,
      states: one.job_state,
      reason: one.state_reason === "None" ? "" : one.state_reason,
      exit: one.exit_code,
      restarts: one.restart_cnt ?? 0,
      nodes: one.nodes,
      startsAt: instantOf(one.start_time),
      endsAt: instantOf(one.end_time),
    }),
  );

export const jobsAnswer = z.object({ jobs: z.array(job) });

/** Success means that there is a number: a warning can stand among the errors of a job that was taken. */
export const submitAnswer = z.object({ job_id: z.int().positive() });

/** v0.0.38 has the number of a submission's fault under another name than every other's. */
const fault = z
  .object({
    error: text,
    description: text,
    error_number: z.number().optional(),
    error_code: z.number().optional(),
  })
  .transform(({ error, description, error_number, error_code }) => ({
    said: error || description,
    code: error_number ?? error_code ?? null,
  }));

export const faultAnswer = z.object({ errors: z.array(fault).default([]) });

export const openApiAnswer = z.object({ paths: z.record(z.string(), z.unknown()) });

const partition = z
  .object({
    name: z.string(),
    flags: z.array(z.string()).nullish(),
    state: words.nullish(),
    partition: z.object({ state: words }).nullish(),
    max_time_limit: number,
    maximum_cpus_per_node: number,
    maximums: z.object({ time: number, cpus_per_node: number }).nullish(),
  })
  .transform((one) => ({
    name: one.name,
    isDefault: one.flags?.some((flag) => flag.toLowerCase() === "default") ?? false,
    isUp: (one.partition?.state ?? one.state ?? []).includes("UP"),
    mostMinutes: limit(one.max_time_limit ?? one.maximums?.time ?? null),
    mostCpusPerNode: limit(one.maximum_cpus_per_node ?? one.maximums?.cpus_per_node ?? null),
  }));

export const partitionsAnswer = z.object({ partitions: z.array(partition) });

const node = z.object({
  name: z.string(),
  partitions: z.array(z.string()).default([]),
  state: words,
  state_flags: z.array(z.string()).default([]),
  cpus: z.number(),
  alloc_cpus: number,
  real_memory: z.number(),
  alloc_memory: number,
  gres: text,
  gres_used: text,
});

export const nodesAnswer = z.object({ nodes: z.array(node) });

const unusable = /^(DOWN|DRAIN|FAIL|ERROR|UNKNOWN|FUTURE|MAINT|NOT_RESPONDING|POWERING_DOWN|REBOOT)/i;

/** Of a node's states: whether jobs can be started there. */
export function isUsable(states: readonly string[]): boolean {
  return !states.some((state) => unusable.test(state));
}

/** Nodes within their partitions. */
export function placesOf(
  { partitions }: z.infer<typeof partitionsAnswer>,
  { nodes }: z.infer<typeof nodesAnswer>,
): Place[] {
  return partitions.flatMap(({ name, ...limits }) =>
    nodes
      .filter((one) => one.partitions.includes(name))
      .map((one) => ({
        ...limits,
        partition: name,
        node: one.name,
        isUsable: isUsable([...one.state, ...one.state_flags]),
        cpus: one.cpus,
        freeCpus: one.cpus - (one.alloc_cpus ?? 0),
        memoryMiB: one.real_memory,
        freeMemoryMiB: one.real_memory - (one.alloc_memory ?? 0),
        gres: one.gres,
        gresUsed: one.gres_used,
      })),
  );
}

/** Slurm's own ways to say "none": 0, less, or all ones. */
function limit(value: number | null): number | null {
  return value === null || value <= 0 || value >= 0xffff_fffe ? null : value;
}

function instantOf(seconds: number | null): number | null {
  return seconds === null || seconds <= 0 ? null : seconds * 1000;
}
