import { setTimeout as sleep } from "node:timers/promises";
import {
  type DockerSettings,
  operatorOf,
} from "../../packages/server/src/adapters/compute/docker/engine.testing.ts";
import {
  createDockerSubject,
  nexusOf,
} from "../../packages/server/src/adapters/compute/docker/subject.testing.ts";
import { engine } from "../../packages/server/src/testing/engines.ts";
import { ask } from "../../packages/server/src/testing/jupyter.ts";

const never = new AbortController().signal;
const patience = 60_000;

/**
 * Milliseconds from the order to JupyterLab's answer at `/api/status`, on the private Docker engine with the image there.
 * `bare` is the engine's own create and start of the same image with a plain `jupyter-lab`, and nothing of ours: no limit,
 * as root, on the engine's bridge, reached at its address there. `ours` is `launch` until the same answer comes through
 * `dial`: ticket and folders, the tunnel, the confinement included; the portal above (its database, its gateway) is not.
 */
export const dockerEngine = {
  bare: async (): Promise<number> => {
    const settings = settingsOf();
    const operator = operatorOf(settings);
    const image = nexusOf(settings);
    const inspected = (await operator.call("GET", `/images/${image}/json`)) as Inspected;
    const python = `${inspected.Config?.Labels["org.endstation.environment.path"]}/bin`;
    const words = [
      "--no-browser",
      "--allow-root",
      "--ip=0.0.0.0",
      "--port=8888",
      "--IdentityProvider.token=bench",
    ];
    const since = performance.now();
    const { Id } = (await operator.call("POST", "/containers/create", {
      Image: image,
      Cmd: [`${python}/jupyter-lab`, ...words],
    })) as { Id: string };
    try {
      await operator.call("POST", `/containers/${Id}/start`);
      const started = (await operator.call("GET", `/containers/${Id}/json`)) as Inspected;
      const url = `http://${started.NetworkSettings?.IPAddress}:8888/api/status?token=bench`;
      await answered(async () => (await fetch(url)).status);
      return performance.now() - since;
    } finally {
      await operator.removeAll([Id]);
      await operator.close();
    }
  },
  ours: async (): Promise<number> => {
    const settings = settingsOf();
    const subject = await createDockerSubject(settings, { source: { image: nexusOf(settings) } });
    const { provider } = subject;
    try {
      const spec = await subject.spec();
      const since = performance.now();
      const { handle } = await provider.launch(spec, never);
      const target = { sessionId: spec.sessionId, handle };
      await answered(
        async () => (await ask(await provider.dial(target, "jupyter", never), "/api/status")).status,
      );
      return performance.now() - since;
    } finally {
      await subject.close();
    }
  },
};

interface Inspected {
  readonly Config?: { readonly Labels: Readonly<Record<string, string>> };
  readonly NetworkSettings?: { readonly IPAddress: string };
}

function settingsOf(): DockerSettings {
  const found = engine("docker");
  if ("reason" in found) throw new Error(found.reason);
  return found.settings;
}

async function answered(status: () => Promise<number>): Promise<void> {
  for (const until = performance.now() + patience; performance.now() < until; await sleep(10))
    if ((await status().catch(() => 0)) === 200) return;
  throw new Error(`no answer within ${patience / 1000} s`);
}
