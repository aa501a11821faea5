import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { slurmCommand } from "../../packages/server/src/adapters/compute/slurm/engine.testing.ts";
import { createSlurmSubject } from "../../packages/server/src/adapters/compute/slurm/subject.testing.ts";
import { builtEnvironment } from "../../packages/server/src/testing/built-environment.ts";
import { engine } from "../../packages/server/src/testing/engines.ts";
import { ask } from "../../packages/server/src/testing/jupyter.ts";
import { freePort } from "../processes.ts";
import { type Crowd, launchMany, napping } from "./crowd.ts";

const never = new AbortController().signal;
const patience = 60_000;

/**
 * Milliseconds from the order to JupyterLab's answer at `/api/status`, on the private Slurm. `bare` is `sbatch` of a plain
 * `jupyter-lab` of the same environment as a user of the cluster, and nothing of ours: no sandbox, reached at its port on the node,
 * which is this machine. `ours` is `launch` over REST until the same answer comes through `dial`: ticket and folder, the
 * sandbox, the tunnel included; the portal above (its database, its gateway) is not. How long an accepted job waits for the
 * scheduler's next round, up to a second here by chance alone, is left out of both.
 * `crowd` has jobs of ours that sleep: 16 run, the others wait. What is asked of Slurm is counted by Slurm (sdiag: lists of
 * jobs and of single ones, whoever asks).
 */
export const slurmEngine = {
  bare: async (): Promise<number> => {
    const { settings, environment } = placeOf();
    const port = await freePort();
    const jupyter = `${environment}/bin/jupyter-lab --no-browser --ip=127.0.0.1 --port=${port} --IdentityProvider.token=bench`;
    const folder = mkdtempSync(join(tmpdir(), "bare-slurm-"));
    chmodSync(folder, 0o777);
    const home = `date +%s%N >${folder}/started; export HOME=$(mktemp -d); exec`;
    const words = [
      "--parsable",
      "--export=PATH=/usr/bin:/bin",
      "--partition=debug",
      "--mem=768",
      "--output=/dev/null",
    ];
    const since = Date.now();
    const submit = ["sbatch", ...words, "--chdir=/tmp", `--wrap=${home} ${jupyter}`];
    const id = await slurmCommand(settings, submit, "espi");
    const accepted = Date.now();
    try {
      await answered(async () => (await fetch(`http://127.0.0.1:${port}/api/status?token=bench`)).status);
      const started = Number(readFileSync(join(folder, "started"), "utf8")) / 1e6;
      return Date.now() - since - wait(accepted, started);
    } finally {
      await slurmCommand(settings, ["scancel", id.trim()]);
      rmSync(folder, { recursive: true, force: true });
    }
  },
  ours: async (): Promise<number> => {
    const { settings, environment } = placeOf();
    const subject = await createSlurmSubject({ cluster: settings, environment, way: "rest" });
    const { provider } = subject;
    try {
      const spec = await subject.spec();
      const since = Date.now();
      const { handle } = await provider.launch(spec, never);
      const accepted = Date.now();
      const target = { sessionId: spec.sessionId, handle };
      await answered(
        async () => (await ask(await provider.dial(target, "jupyter", never), "/api/status")).status,
      );
      const started = statSync(join(subject.folderOf(handle), "started.0")).mtimeMs;
      return Date.now() - since - wait(accepted, started);
    } finally {
      await subject.close();
    }
  },
  crowd: async (): Promise<Crowd> => {
    const { settings, environment } = placeOf();
    const subject = await createSlurmSubject({ cluster: settings, environment, way: "rest" });
    const { provider } = subject;
    const spec = () => subject.spec({ job: napping, flavour: { cpus: 1, memoryMiB: 128 } });
    return {
      provider,
      spec,
      add: (count) => launchMany({ provider, spec }, count),
      engine: subject.engine,
      close: async () => {
        for (const { name } of settings.users) await slurmCommand(settings, ["scancel", "-u", name]);
        await subject.close();
      },
    };
  },
};

/** From its being accepted to its first command. */
function wait(accepted: number, started: number): number {
  return Math.max(0, started - accepted);
}

function placeOf() {
  const found = engine("slurm");
  if ("reason" in found) throw new Error(found.reason);
  const environment = builtEnvironment("nexus");
  if (environment === null) throw new Error("the environment nexus is not built on this machine");
  return { settings: found.settings, environment };
}

async function answered(status: () => Promise<number>): Promise<void> {
  for (const until = performance.now() + patience; performance.now() < until; await sleep(10))
    if ((await status().catch(() => 0)) === 200) return;
  throw new Error(`no answer within ${patience / 1000} s`);
}
