import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type CancelSignal, Unavailable } from "@endstation/core";
import type { Exec, Ran } from "../../../transports/exec.ts";
import { jobFormat, jobsOf, placeFormat, placesOf } from "./command-output.ts";
import type { SlurmConfig } from "./config.ts";
import type { Machine } from "./machine.ts";
import { faultOfCommand } from "./refusals.ts";
import type { Slurm, Submission } from "./slurm.ts";

/** Slurm by its own commands, of any version since 21.08. */
export function slurmByCommands(
  { commands, conf }: Pick<SlurmConfig, "commands" | "conf">,
  machine: Machine,
): Slurm {
  const settings = ["SLURM_TIME_FORMAT=%s", ...(conf === undefined ? [] : [`SLURM_CONF=${conf}`])];
  const run = (exec: Exec, words: readonly string[], signal: CancelSignal, input?: string): Promise<Ran> => {
    const [program = "", ...rest] = words;
    const all = ["env", ...settings, join(commands, program), ...rest];
    return exec({ words: all, ...(input === undefined ? {} : { input }) }, signal);
  };
  const list = async (words: readonly string[], format: (mark: string) => string, signal: CancelSignal) => {
    const mark = `=${randomBytes(8).toString("hex")}=`;
    return { mark, ...(await run(machine.exec, [...words, `--Format=${format(mark)}`], signal)) };
  };
  return {
    submit: async (job, signal) => {
      const ran = await run(machine.as(job.account), sbatchWords(job), signal, job.script);
      const id = Number(ran.output.trim().split(";")[0]);
      if (ran.status === 0 && id > 0) return id;
      throw faultOfCommand("sbatch", ran.error);
    },
    jobs: async (signal) => {
      const ran = await list(["squeue", "--noheader", "--all", "--states=all"], jobFormat, signal);
      if (ran.status !== 0) throw new Unavailable(`squeue: ${ran.error}`);
      return jobsOf(ran.output, ran.mark);
    },
    job: async (id, signal) => {
      const words = ["squeue", "--noheader", "--all", "--states=all", `--jobs=${id}`];
      const ran = await list(words, jobFormat, signal);
      if (ran.status === 0) return jobsOf(ran.output, ran.mark)[0] ?? null;
      if (/invalid job id/i.test(ran.error)) return null;
      throw new Unavailable(`squeue: ${ran.error}`);
    },
    cancel: async (id, account, signal) => {
      const ran = await run(machine.as(account), ["scancel", String(id)], signal);
      if (ran.status !== 0 && !/invalid job id|already complet/i.test(ran.error))
        throw new Unavailable(`scancel: ${ran.error}`);
    },
    places: async (signal) => {
      const ran = await list(["sinfo", "--noheader", "--all", "--Node"], placeFormat, signal);
      if (ran.status !== 0) throw new Unavailable(`sinfo: ${ran.error}`);
      return placesOf(ran.output, ran.mark);
    },
  };
}

/** What is not said here comes from nowhere else: the job finds nothing of the submitting process's environment. */
export function sbatchWords({ options, ...job }: Submission): string[] {
  const { partition, account, qos, reservation, constraint, gres } = options;
  const asked = { partition, account, qos, reservation, constraint, gres };
  return [
    ...["sbatch", "--parsable", "--export=PATH=/usr/local/bin:/usr/bin:/bin", "--nodes=1", "--ntasks=1"],
    ...[`--job-name=${job.name}`, `--comment=${job.comment}`, `--chdir=${job.folder}`],
    ...[`--output=${job.log}`, "--open-mode=append", "--input=/dev/null"],
    ...[`--cpus-per-task=${job.cpus}`, `--mem=${job.memoryMiB}M`, `--time=${job.minutes}`],
    job.requeue ? "--requeue" : "--no-requeue",
    ...Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`])),
  ];
}
