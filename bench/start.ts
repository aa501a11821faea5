import { enter } from "../e2e/support/inside.ts";
import { logIn, type Person } from "../e2e/support/person.ts";
import { type RunningPortal, removePortal, startPortal } from "../e2e/support/portal.ts";
import { startBareJupyter } from "./bare-jupyter.ts";
import { type Bench, median, rounded, softwareFolder } from "./bench.ts";
import { peersThere, preparePeers, startHub } from "./jupyterhub/hub.ts";

/** From the click to JupyterLab answering `/api/status`, beside a bare JupyterLab and JupyterHub, turn by turn. */
export const startBench: Bench = {
  prepare: () => preparePeers(softwareFolder),
  run: async ({ quick }) => {
    const portal = await startPortal();
    const hasPeers = await peersThere(softwareFolder);
    const hub = hasPeers ? await startHub(softwareFolder) : null;
    const seconds = { endstation: [] as number[], bare: [] as number[], hub: [] as number[] };
    try {
      const person = await logIn(portal.url, "pi");
      await startOnEndstation(portal, person);
      for (let turn = 0; turn < (quick ? 3 : 7); turn += 1) {
        seconds.endstation.push(await startOnEndstation(portal, person));
        if (hub === null) continue;
        seconds.bare.push(await startBareJupyter(softwareFolder));
        seconds.hub.push(await hub.start(`user${turn}`));
      }
    } finally {
      await hub?.end();
      await removePortal(portal);
    }
    return resultOf(seconds, hasPeers);
  },
};

async function startOnEndstation(portal: RunningPortal, person: Person): Promise<number> {
  const since = performance.now();
  const { id } = await person.call("startSession", { body: { environment: "nexus" } });
  await untilPhase(person, id, "running");
  const inside = await enter(portal.url, person, id);
  const { status } = await inside.ask("/api/status");
  const seconds = (performance.now() - since) / 1000;
  if (status !== 200) throw new Error(`JupyterLab answered ${status}`);
  await person.call("stopSession", { id });
  await untilPhase(person, id, "stopped");
  return seconds;
}

async function untilPhase(person: Person, id: string, phase: string): Promise<void> {
  for (const until = performance.now() + 60_000; performance.now() < until; ) {
    const session = await person.call("getSession", { id });
    if (session.phase === phase) return;
    if (session.phase === "failed") throw new Error(`the session failed: ${session.cause?.detail}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`the session was not ${phase} after 60 s`);
}

function resultOf(seconds: { endstation: number[]; bare: number[]; hub: number[] }, hasPeers: boolean) {
  const [own, bare, hub] = [median(seconds.endstation), median(seconds.bare), median(seconds.hub)];
  const ratio = (peer: number) => (hasPeers ? rounded(own / peer) : null);
  return {
    figures: {
      "Endstation, median seconds": rounded(own),
      "bare jupyter-lab, median seconds": hasPeers ? rounded(bare) : null,
      "JupyterHub, median seconds": hasPeers ? rounded(hub) : null,
      "of a bare jupyter-lab": ratio(bare),
      "of JupyterHub": ratio(hub),
    },
    goals: { "of a bare jupyter-lab": { atMost: 0.5 }, "of JupyterHub": { atMost: 0.3 } },
    notes: [
      `${seconds.endstation.length} turns; the sandbox, the gateway and the cookie included`,
      ...(hasPeers
        ? []
        : ["JupyterLab and JupyterHub skipped: `npm run bench -- start --prepare` fetches them"]),
    ],
  };
}
