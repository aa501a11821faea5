import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { EngineSettings } from "../../../testing/engines.ts";

const run = promisify(execFile);

/** The private Slurm of tools/engines/slurm.sh. */
export type SlurmEngine = EngineSettings<"slurm">;

/** One of Slurm's commands, or any other, as root or as one of the users; answers what it prints. */
export async function slurmCommand(
  engine: SlurmEngine,
  words: readonly string[],
  as?: string,
): Promise<string> {
  const become = as === undefined ? [] : ["setpriv", "--reuid", as, "--regid", as, "--init-groups"];
  const [program = "", ...rest] = [...become, ...words];
  const env = {
    PATH: "/usr/sbin:/usr/bin:/bin",
    SLURM_CONF: engine.conf,
    SLURM_TIME_FORMAT: "%s",
    LC_ALL: "C.UTF-8",
  };
  return (await run(program, rest, { env, cwd: "/", maxBuffer: 64 * 1024 * 1024 })).stdout;
}

/** Restarts, kills and revives parts of it. */
export async function slurmScript({ script }: SlurmEngine, ...words: string[]): Promise<void> {
  await run("bash", [script, ...words], { cwd: "/" });
}

export async function until(what: string, holds: () => Promise<boolean>, seconds = 90): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !(await holds()); await sleep(100))
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
}

/** Numbers of the jobs of that name that have not ended. */
export async function jobsNamed(engine: SlurmEngine, name: string): Promise<number[]> {
  const printed = await slurmCommand(engine, [
    "squeue",
    "--noheader",
    "--all",
    `--name=${name}`,
    "--format=%A",
  ]);
  return printed.split("\n").filter(Boolean).map(Number);
}

/** Kills slurmctld and slurmrestd at once, with nothing to forget. */
export async function cut(engine: SlurmEngine): Promise<void> {
  await untilSaved(engine);
  await slurmScript(engine, "kill", "slurmctld");
  await slurmScript(engine, "kill", "slurmrestd");
}

/** What slurmctld has taken within the last seconds it forgets when it dies: waits until it has saved its state. */
export async function untilSaved(engine: SlurmEngine): Promise<void> {
  const fields = "SubmitTime:|,StartTime:|,EndTime:|";
  const times = await slurmCommand(engine, ["squeue", "-h", "-a", "-t", "all", "-O", fields]);
  const changes = times
    .split("|")
    .map(Number)
    .filter((time) => time > 0 && time <= Date.now() / 1000);
  const saved = () => statSync(join(engine.conf, "../../state/job_state")).mtimeMs / 1000;
  await until("slurmctld has saved its state", async () => saved() > Math.max(0, ...changes) + 1, 30);
}

/** Submits a job that only sleeps; answers how it is ended, and waits then until nothing is left of it. */
export async function sleeper(engine: SlurmEngine, words: readonly string[], as = "esother") {
  const sbatch = [
    "sbatch",
    "--parsable",
    "--export=PATH=/usr/bin:/bin",
    "--output=/dev/null",
    "--chdir=/",
    ...words,
  ];
  const id = (await slurmCommand(engine, [...sbatch, "--wrap=sleep 600"], as)).trim();
  const stateOf = async () =>
    (await slurmCommand(engine, ["squeue", "-h", "-t", "all", "-j", id, "-o", "%T"])).trim();
  return {
    id,
    runs: () => until(`job ${id} runs`, async () => (await stateOf()) === "RUNNING"),
    end: async () => {
      await slurmCommand(engine, ["scancel", id]);
      await until(`job ${id} has ended`, async () => !/RUNNING|PENDING|COMPLETING/.test(await stateOf()));
    },
  };
}

/** Processes whose command line has all these words, by number. */
export function processesWith(...words: string[]): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        return words.every((word) => line.includes(word)) && existsSync(`/proc/${pid}/exe`);
      } catch {
        return false;
      }
    })
    .map(Number);
}
