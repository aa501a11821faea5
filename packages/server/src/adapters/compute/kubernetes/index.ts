import { type Capabilities, type Target, Unavailable } from "@endstation/core";
import { unlessCalledOff } from "../../../transports/calling-off.ts";
import { launcherFiles, launcherZip } from "../../../transports/launcher-files.ts";
import type { ComputeSite, Provider } from "../../../transports/provider.ts";
import type { Attempt } from "../../../transports/tunnel/index.ts";
import { Cluster } from "./client.ts";
import type { KubernetesConfig } from "./config.ts";
import { dial, endpoints } from "./dialling.ts";
import { end } from "./ending.ts";
import { Keeper } from "./keeping.ts";
import { accessBy } from "./kubeconfig.ts";
import { launch } from "./launching.ts";
import { lastOf } from "./logs.ts";
import { attemptOf, label, ownerOf } from "./names.ts";
import { kinds, offerOf, type Surroundings } from "./offers.ts";
import { podNamed, podsOf, type Site } from "./site.ts";
import { isOver } from "./status.ts";
import { SurroundingsView } from "./surroundings.ts";
import { Watch } from "./watching.ts";

export { type KubernetesConfig, kubernetesConfig } from "./config.ts";

const capabilities: Capabilities = {
  kinds,
  endpoints,
  logs: true,
  isolation: "container",
  limits: "engine",
  // Whether a NetworkPolicy is enforced is up to the cluster's network, which does not tell.
  network: "open",
  sources: ["image"],
};

const roundEvery = 5_000;

/**
 * Sessions as pods of a Kubernetes cluster.
 * @throws config-invalid when there is no way to the cluster.
 */
export function createKubernetesProvider(config: KubernetesConfig, given: ComputeSite): Provider {
  const site = siteOf(config, given);
  const keeper = new Keeper(site);
  const watch = new Watch(site, keeper);
  const rounds = setInterval(() => void round(keeper, watch).catch(() => {}), roundEvery).unref();
  return {
    capabilities,
    unusable: null,
    offers: (request, signal) =>
      unlessCalledOff(signal, async () => {
        const mounts = request.folders.map((source) => ({ source }));
        return offerOf({ ...request, mounts }, config, await around(site, watch));
      }),
    launch: (spec, signal) => unlessCalledOff(signal, async () => ({ handle: await launch(site, spec) })),
    observe: (signal) => watch.observe(signal),
    terminate: (target, signal) => unlessCalledOff(signal, () => terminate(site, target)),
    dial: (target, endpoint, signal) =>
      unlessCalledOff(signal, async () => {
        const found = await meant(site, target);
        if (found === null) throw new Unavailable(`${target.sessionId} is not known here`);
        const { handle, of } = found;
        const known = { kind: watch.kindOf(handle), isGone: () => watch.isGone(handle) };
        return dial(site.tunnels, of, endpoint, known, signal);
      }),
    logs: (target, maxBytes, signal) =>
      unlessCalledOff(signal, async () => {
        const found = await meant(site, target);
        return found === null ? "" : lastOf(site.cluster, found.handle, maxBytes);
      }),
    close: () => {
      clearInterval(rounds);
      return site.cluster.close();
    },
  };
}

function siteOf(config: KubernetesConfig, given: ComputeSite): Site {
  const { name, stateFolder, tunnels, clock, log, launcherFolder } = given;
  const cluster = new Cluster(accessBy(config.kubeconfig), config.namespace);
  return {
    name,
    config,
    cluster,
    owner: ownerOf(`${config.owner ?? stateFolder} ${name}`),
    tunnels,
    launcherZip: launcherZip(launcherFiles(launcherFolder)),
    surroundings: new SurroundingsView(cluster),
    now: () => clock.now(),
    log,
  };
}

async function round(keeper: Keeper, watch: Watch): Promise<void> {
  const pods = watch.pods();
  if (pods === null) return;
  await keeper.round(pods);
  watch.lookAgain();
}

/** Our own pods are known better than by the last list of all. */
async function around({ surroundings, owner }: Site, watch: Watch): Promise<Surroundings> {
  const listed = await surroundings.look();
  const ours = watch.pods();
  if (listed.pods === null || ours === null) return listed;
  const others = listed.pods.filter((pod) => pod.metadata.labels[label.owner] !== owner);
  return { ...listed, pods: [...others, ...ours.filter((pod) => !isOver(pod))] };
}

async function terminate(site: Site, { sessionId, handle }: Target): Promise<void> {
  const handles =
    handle === null ? (await podsOf(site, sessionId)).map((pod) => pod.metadata.name) : [handle];
  for (const handle of handles) {
    const of = attemptOf(handle, site.owner);
    if (of === null) continue;
    await end(site.cluster, () => podNamed(site, handle, of.sessionId), null);
    await site.tunnels.revoke(of);
  }
}

/** The handle that is meant; without one, that of the latest attempt. Null: it is none of ours. */
async function meant(
  site: Site,
  target: Target,
): Promise<{ readonly handle: string; readonly of: Attempt } | null> {
  const handles =
    target.handle !== null
      ? [target.handle]
      : (await podsOf(site, target.sessionId)).map((pod) => pod.metadata.name);
  const known = handles.flatMap((handle) => {
    const of = attemptOf(handle, site.owner);
    return of === null ? [] : [{ handle, of }];
  });
  return known.sort((a, b) => a.of.attempt - b.of.attempt).at(-1) ?? null;
}
