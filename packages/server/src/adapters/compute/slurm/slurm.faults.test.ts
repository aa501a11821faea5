import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type LaunchSpec, Unavailable } from "@endstation/core";
import { builtEnvironment } from "../../../testing/built-environment.ts";
import { engine } from "../../../testing/engines.ts";
import { jobsNamed, processesWith, slurmScript, until } from "./engine.testing.ts";
import { handleOf, jobNameOf } from "./names.ts";
import { createSlurmSubject, type SlurmSubject, seenOf } from "./subject.testing.ts";

const environment = builtEnvironment("nexus");
const found = engine("slurm");
const unbuilt =
  environment === null ? "the environment nexus is not built on this machine (npm start builds it)" : false;
const skip = "reason" in found ? found.reason : unbuilt;
const cuts = Number(process.env["FAULTS_CUTS"] ?? (process.env["ENDSTATION_FULL"] === undefined ? 5 : 50));
const parts = ["slurmctld", "slurmd-n1"];
const batch = { script: "import time\ntime.sleep(600)\n", arguments: [] };

test(`R22 slurmctld and slurmd killed ${cuts} times while sessions start, run and stop: the truth is told, nothing is doubled or left`, {
  skip,
}, async (t) => {
  if ("reason" in found || environment === null) return;
  const subject = await createSlurmSubject({ cluster: found.settings, environment, way: "rest" });
  t.after(async () => {
    await slurmScript(found.settings, "revive");
    await subject.close();
  });
  for (let cut = 0; cut < cuts; cut += 1) {
    const specs = [
      await subject.spec(),
      await subject.spec({ job: batch }),
      await subject.spec({ job: batch }),
    ];
    const part = parts[randomInt(parts.length)] as string;
    await Promise.all([
      ...specs.map((spec) => liveThrough(subject, spec)),
      killed(subject, part, randomInt(3_000)),
    ]);
    for (const spec of specs) await truthIsTold(subject, spec, `cut ${cut}, ${part}`);
    for (const spec of specs)
      await untilDone(() =>
        subject.provider.terminate({ sessionId: spec.sessionId, handle: null }, patience()),
      );
    for (const spec of specs) await nothingIsLeft(subject, spec);
  }
});

const patience = () => AbortSignal.timeout(20_000);

/** As the portal does: what was Unavailable is asked again. */
async function untilDone(call: () => Promise<unknown>): Promise<void> {
  for (const until = Date.now() + 90_000; ; await sleep(500)) {
    try {
      await call();
      return;
    } catch (error) {
      if (!(error instanceof Unavailable) || Date.now() > until) throw error;
    }
  }
}

/** Started at one moment, and of every three one is stopped at another. */
async function liveThrough({ provider }: SlurmSubject, spec: LaunchSpec): Promise<void> {
  await sleep(randomInt(1_500));
  await untilDone(() => provider.launch(spec, patience()));
  if (randomInt(3) > 0) return;
  await sleep(randomInt(1_500));
  await untilDone(() =>
    provider.terminate({ sessionId: spec.sessionId, handle: handleOf(spec) }, patience()),
  );
}

async function killed({ cluster }: SlurmSubject, part: string, after: number): Promise<void> {
  await sleep(after);
  await slurmScript(cluster, "kill", part);
  await sleep(randomInt(1_000));
  await slurmScript(cluster, "revive");
}

/** Within a minute: what is observed is what Slurm has, one job at most, and its processes are there if it runs. */
async function truthIsTold(subject: SlurmSubject, spec: LaunchSpec, when: string): Promise<void> {
  const { provider, cluster } = subject;
  const last: { told?: string } = {};
  await until(
    "the truth",
    async () => {
      const jobs = await jobsNamed(cluster, jobNameOf(spec));
      const launchers = processesWith("launcher.pyz", "--tunnel", subject.folderOf(handleOf(spec))).length;
      const seen = await seenOf(provider, handleOf(spec)).catch(() => null);
      const state = seen?.observation.state ?? (seen === null ? "cannot be asked" : "gone");
      last.told = `${jobs.length} jobs, ${launchers} launchers, observed ${state}`;
      return /^(1 jobs, [01] launchers, observed queued|1 jobs, 1 launchers, observed running|0 jobs, 0 launchers, observed gone)$/.test(
        last.told,
      );
    },
    60,
  ).catch((error: Error) => assert.fail(`${when}, ${spec.kind}: ${error.message}: ${last.told}`));
}

async function nothingIsLeft({ cluster, folderOf }: SlurmSubject, spec: LaunchSpec): Promise<void> {
  const left = async () =>
    (await jobsNamed(cluster, jobNameOf(spec))).length + processesWith(folderOf(handleOf(spec))).length;
  await until("nothing is left", async () => (await left()) === 0, 60);
}
