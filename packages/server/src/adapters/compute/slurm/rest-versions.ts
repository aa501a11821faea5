import type { Submission } from "./slurm.ts";

/** Versions of the interface that we speak, the newest last. */
const oldest = 38;
const newest = 44;

/** The newest that both sides speak; null: none. */
export function versionAmong(paths: readonly string[]): number | null {
  const offered = paths.map((path) => Number(/^\/slurm\/v0\.0\.(\d+)\/job\/submit\/?$/.exec(path)?.[1] ?? 0));
  const spoken = offered.filter((version) => version >= oldest && version <= newest);
  return spoken.length === 0 ? null : Math.max(...spoken);
}

/**
 * A job as that version wants it: lists in the place of texts since v0.0.39, boxed numbers since v0.0.40, the script within the job
 * since v0.0.41.
 */
export function submissionFor(version: number, job: Submission): object {
  const { gres, minutes: _, ...names } = job.options;
  const number = (value: number) => (version < 40 ? value : { set: true, infinite: false, number: value });
  const path = "/usr/local/bin:/usr/bin:/bin";
  const told = {
    name: job.name,
    comment: job.comment,
    current_working_directory: job.folder,
    standard_output: job.log,
    standard_input: "/dev/null",
    tasks: 1,
    cpus_per_task: job.cpus,
    memory_per_node: number(job.memoryMiB),
    time_limit: number(job.minutes),
    ...constraintsOf(names),
  };
  if (version === 38)
    return {
      script: job.script,
      job: {
        ...told,
        environment: { PATH: path },
        open_mode: "append",
        // v0.0.38 does not hear `requeue: false`.
        ...(job.requeue ? { requeue: true } : { no_requeue: true }),
        ...(gres === undefined ? {} : { gres }),
      },
    };
  const later = {
    ...told,
    environment: [`PATH=${path}`],
    open_mode: ["APPEND"],
    requeue: job.requeue,
    ...(gres === undefined ? {} : { tres_per_node: gresOf(version, gres) }),
  };
  return version < 41 ? { script: job.script, job: later } : { job: { ...later, script: job.script } };
}

function constraintsOf({ constraint, ...others }: Omit<Submission["options"], "gres" | "minutes">): object {
  return { ...others, ...(constraint === undefined ? {} : { constraints: constraint }) };
}

function gresOf(version: number, gres: string): string {
  const prefix = version < 40 ? "gres:" : "gres/";
  return gres
    .split(",")
    .map((one) => `${prefix}${one}`)
    .join(",");
}
