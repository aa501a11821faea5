import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type DockerSettings,
  type Operator,
  operatorOf,
} from "../../packages/server/src/adapters/compute/docker/engine.testing.ts";
import { handleOf, label, ownerOf } from "../../packages/server/src/adapters/compute/docker/names.ts";
import {
  createDockerSubject,
  listOf,
  nexusOf,
} from "../../packages/server/src/adapters/compute/docker/subject.testing.ts";
import { engine } from "../../packages/server/src/testing/engines.ts";
import { ask } from "../../packages/server/src/testing/jupyter.ts";
import { type Crowd, inTurns, napping } from "./crowd.ts";

const never = new AbortController().signal;
const patience = 60_000;

/**
 * Milliseconds from the order to JupyterLab's answer at `/api/status`, on the private Docker engine with the image there.
 * `bare` is the engine's own create and start of the same image with a plain `jupyter-lab`, and nothing of ours: no limit,
 * as root, on the engine's bridge, reached at its address there. `ours` is `launch` until the same answer comes through
 * `dial`: ticket and folders, the tunnel, the confinement included; the portal above (its database, its gateway) is not.
 * `crowd` has containers with our names and labels that only sleep: a thousand Pythons would not fit on this machine.
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
  crowd: async (): Promise<Crowd> => {
    const settings = settingsOf();
    const subject = await createDockerSubject(settings, { source: { image: nexusOf(settings) } });
    const { provider, operator, stateFolder } = subject;
    const names: string[] = [];
    return {
      provider,
      spec: () => subject.spec({ job: napping, flavour: { cpus: 0.1, memoryMiB: 128 } }),
      add: (count) =>
        inTurns(
          count,
          async () => void names.push(await addSleeper(operator, settings.tiny, ownerOf(stateFolder))),
        ),
      engine: subject.engine,
      close: async () => {
        await operator.removeAll(names);
        await operator.removeAll((await listOf(provider)).map(({ handle }) => handle));
        await subject.close();
      },
    };
  },
};

/** A container that is one of ours by its name and labels, and as small as one can be. */
async function addSleeper(operator: Operator, image: string, owner: string): Promise<string> {
  const sessionId = `s-${randomBytes(10).toString("hex")}`;
  const name = handleOf(owner, { sessionId, attempt: 1 });
  await operator.call("POST", `/containers/create?name=${name}`, {
    Image: image,
    Cmd: ["/bin/sleep", "3600"],
    Labels: { [label.owner]: owner, [label.session]: sessionId, [label.attempt]: "1" },
    HostConfig: { NetworkMode: "none" },
  });
  await operator.call("POST", `/containers/${name}/start`);
  return name;
}

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
