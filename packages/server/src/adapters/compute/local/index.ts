import type { Capabilities, EnvironmentSource, PlaceRequest, Target } from "@endstation/core";
import { unlessCalledOff } from "../../../transports/calling-off.ts";
import type { Provider } from "../../../transports/provider.ts";
import { leaveNoParents } from "./cgroups.ts";
import type { LocalOptions } from "./config.ts";
import { dial, latestOf } from "./dialling.ts";
import { end } from "./ending.ts";
import { folderOf, partsOf } from "./folders.ts";
import { tidy } from "./keeping.ts";
import { launch } from "./launching.ts";
import { lastOf } from "./logs.ts";
import { kinds, offerOf } from "./offers.ts";
import { advance } from "./queue.ts";
import { listHandles } from "./records.ts";
import { findSite, type Site } from "./site.ts";
import { observe, Watch } from "./watching.ts";

export { type LocalConfig, type LocalOptions, type LocalSite, localConfig } from "./config.ts";
export { probeSandbox, type SandboxProbe } from "./machine.ts";

/** Sessions as sandboxed processes on the portal's own machine. */
export interface LocalProvider extends Provider {
  prepare(source: EnvironmentSource): Promise<boolean>;
}

const hour = 60 * 60 * 1000;

/** @throws config-invalid where its folders cannot be had safely. */
export function createLocalProvider(options: LocalOptions): LocalProvider {
  const site = findSite(options);
  const known = new Watch(site);
  const tidying = setInterval(() => void tidy(site, Date.now()).catch(() => {}), hour).unref();
  void tidy(site, Date.now()).catch(() => {});
  return {
    capabilities: capabilitiesOf(site),
    unusable: site.unusable,
    offers: (request, signal) => unlessCalledOff(signal, () => offers(site, known, request)),
    launch: (spec, signal) =>
      unlessCalledOff(signal, async () => ({ handle: await launch(site, known, spec) })),
    observe: (signal) => observe(site, known, () => advance(site, known), signal),
    terminate: (target, signal) => unlessCalledOff(signal, () => terminate(site, target)),
    dial: (target, endpoint, signal) =>
      unlessCalledOff(signal, () => dial(site, known, target, endpoint, signal)),
    logs: (target, maxBytes, signal) => unlessCalledOff(signal, () => logs(site, target, maxBytes)),
    prepare: async ({ path }) => (path === undefined ? false : site.prepared.prepare(path)),
    close: () => {
      clearInterval(tidying);
      site.prepared.close();
      leaveNoParents(site.cgroups);
    },
  };
}

function capabilitiesOf(site: Site): Capabilities {
  return {
    kinds,
    endpoints: ["jupyter", "terminal"],
    logs: true,
    isolation: site.bwrap === null && site.unusable === null ? "none" : "sandbox",
    limits: site.cgroups.kind,
    network: site.bwrap === null && site.unusable === null ? "open" : "none",
    sources: ["path"],
  };
}

async function offers(site: Site, known: Watch, request: PlaceRequest) {
  if (site.unusable !== null)
    return { fits: false, code: "sandbox-unavailable", detail: site.unusable } as const;
  const { kind, flavour, source } = request;
  if (!kinds.includes(kind) || source.path === undefined)
    return {
      fits: false,
      code: "environment-unavailable",
      detail: `a ${kind} session of this environment cannot run on this machine`,
    } as const;
  if (kind === "jupyter") void site.prepared.prepare(source.path);
  const ahead = kind === "batch" ? (await known.queued()).length : 0;
  return offerOf(kind, flavour, site.capacity, await known.running(), ahead);
}

async function terminate(site: Site, { sessionId, handle }: Target): Promise<void> {
  const handles = await listHandles(site.folders);
  const meant = handles.filter((one) => (handle === null ? one.startsWith(`${sessionId}.`) : one === handle));
  await Promise.all(
    meant.map(async (one) => {
      await end(site, one);
      const of = partsOf(one);
      if (of !== null) await site.options.tunnels.revoke(of);
    }),
  );
}

async function logs(site: Site, target: Target, maxBytes: number): Promise<string> {
  const handle = await latestOf(site, target);
  return handle === null ? "" : lastOf(folderOf(site.folders, handle), maxBytes);
}
