import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { LaunchSpec } from "@endstation/core";
import { builtEnvironment } from "../../../testing/built-environment.ts";
import { cuts, type MortalEngine, survivesCuts, type Truth } from "../../../testing/cuts.ts";
import { engine } from "../../../testing/engines.ts";
import { processesWith, type SlurmEngine, slurmCommand, slurmScript, untilSaved } from "./engine.testing.ts";
import { handleOf, jobNameOf } from "./names.ts";
import { createSlurmSubject, type SlurmSubject } from "./subject.testing.ts";

const environment = builtEnvironment("nexus");
const found = engine("slurm");
const unbuilt =
  environment === null ? "the environment nexus is not built on this machine (npm start builds it)" : false;
const skip = "reason" in found ? found.reason : unbuilt;
const batch = { script: "import time\ntime.sleep(3600)\n", arguments: [] };

test(`R22 slurmctld and slurmd are killed ${cuts} times while sessions start, run and stop: the truth is told, none is lost, doubled or left`, {
  skip,
}, async (t) => {
  if ("reason" in found || environment === null) return;
  const subject = await createSlurmSubject({ cluster: found.settings, environment, way: "rest" });
  t.after(async () => {
    await slurmScript(found.settings, "revive");
    await subject.close();
  });
  await survivesCuts(t, mortal(subject));
});

function mortal(subject: SlurmSubject): MortalEngine {
  const { provider, cluster } = subject;
  return {
    name: "slurm",
    provider,
    parts: ["slurmctld", "slurmd-n1"],
    window: 2_500,
    specs: () => Promise.all([subject.spec(), subject.spec({ job: batch }), subject.spec({ job: batch })]),
    remembers: () => untilSaved(cluster),
    kill: (part) => slurmScript(cluster, "kill", part),
    revive: () => slurmScript(cluster, "revive"),
    truthOf: (spec) => truthOf(subject, spec),
    alive: async () => [
      ...(await slurmCommand(cluster, ["squeue", "--noheader", "--all", "--format=%j"]))
        .split("\n")
        .filter((name) => name.startsWith("endstation-")),
      ...processesWith(subject.folder).map(String),
    ],
  };
}

async function truthOf({ cluster, folderOf }: SlurmSubject, spec: LaunchSpec): Promise<Truth> {
  const name = `--name=${jobNameOf(spec)}`;
  const query = ["squeue", "--noheader", "--all", "--states=all", name, "--format=%T %A"];
  const jobs = (await slurmCommand(cluster, query)).split("\n").filter(Boolean);
  const states = jobs.map((job) => job.split(" ")[0] ?? "").filter((state) => living.has(state));
  const launchers = processesWith("launcher.pyz", "--tunnel", folderOf(handleOf(spec)));
  return {
    state: stateOf(states),
    alive: states.length,
    places: states.length === 0 ? processesWith(folderOf(handleOf(spec))).length : launchers.length,
    lost: states.length === 0 && jobs.every((job) => isLost(cluster, job)),
  };
}

/**
 * A slurmctld that dies forgets jobs of the last seconds; or that it had begun one, and begins it again: its node ends the first, or
 * has it cancelled. A job that was just beginning may fail with its node.
 */
function isLost({ conf }: SlurmEngine, job: string): boolean {
  const [state, id] = job.split(" ");
  const log = readFileSync(join(conf, "../../log/slurmctld.log"), "utf8");
  const begunTwice = [`Registered PENDING JobId=${id} `, `KILL_JOB JobId=${id} uid 0\n`];
  return state === "NODE_FAIL" || begunTwice.some((words) => log.includes(words));
}

function stateOf(alive: readonly string[]): Truth["state"] {
  if (alive.length === 0) return "over";
  if (alive.includes("PENDING")) return "waiting";
  return alive.includes("COMPLETING") ? "ending" : "running";
}

const living = new Set(["PENDING", "CONFIGURING", "RUNNING", "SUSPENDED", "COMPLETING"]);
