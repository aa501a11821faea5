import { access } from "node:fs/promises";
import { basename, join } from "node:path";
import { type LaunchSpec, Rejected } from "@endstation/core";
import { handleOf, partsOf, socketOf } from "./folders.ts";
import { kinds, offerOf } from "./offers.ts";
import { type Order, orderOf } from "./order.ts";
import { advance, inTurn } from "./queue.ts";
import { layDown, readPart } from "./records.ts";
import type { Site } from "./site.ts";
import { ensureSupervised } from "./starting.ts";
import type { Watch } from "./watching.ts";

/**
 * Starts a session's supervisor, if this attempt was not started before; answers with its handle either way. A batch session
 * is laid into the queue, and begun at once where there is room.
 */
export async function launch(site: Site, known: Watch, spec: LaunchSpec): Promise<string> {
  const handle = handleOf(spec.sessionId, spec.attempt);
  if (partsOf(handle) === null) throw new Rejected("launch-rejected", `"${handle}" is no name for a session`);
  if ((await readPart(site.folders, handle, "order.json")) === null) {
    const environment = await checked(site, spec);
    await reserve(site, known, spec, await orderFor(site, spec, handle, environment));
  }
  if (spec.kind === "batch") await advance(site, known);
  else await ensureSupervised(site, handle);
  return handle;
}

async function checked(site: Site, spec: LaunchSpec): Promise<string> {
  if (site.unusable !== null) throw new Rejected("sandbox-unavailable", site.unusable);
  if (!kinds.includes(spec.kind))
    throw new Rejected("launch-rejected", `${spec.kind} sessions do not run here`);
  checkAccount(site, spec);
  const environment = spec.source.path;
  if (environment === undefined)
    throw new Rejected(
      "environment-unavailable",
      `${spec.document.environment} was not built on this machine`,
    );
  await access(join(environment, "bin/python")).catch(() => {
    throw new Rejected("environment-unavailable", `${environment} is not there or not whole`);
  });
  await Promise.all(
    spec.mounts.map(({ source, target }) =>
      access(source).catch(() => {
        const code = target.startsWith("/data/") ? "dataset-unreadable" : "launch-rejected";
        throw new Rejected(code, `the folder for ${target} is not there`);
      }),
    ),
  );
  return environment;
}

function checkAccount(site: Site, { posix }: LaunchSpec): void {
  if (site.root && (posix.uid === 0 || posix.gid === 0))
    throw new Rejected("launch-rejected", "a session never runs as root; map its owner to an account");
  if (!site.root && posix.uid !== process.getuid?.())
    throw new Rejected("launch-rejected", "only a portal started as root can run sessions as other accounts");
}

async function orderFor(site: Site, spec: LaunchSpec, handle: string, environment: string): Promise<Order> {
  const { folders, options } = site;
  const { tunnels } = options;
  return orderOf(spec, environment, {
    handle,
    bwrap: site.bwrap,
    system: site.system,
    cgroups: site.cgroups,
    root: site.root,
    launcher: site.launcher,
    launcherFolder: options.launcherFolder,
    prepared: () => site.prepared.socketFor(environment),
    socketOf: (endpoint) => socketOf(folders, handle, endpoint),
    changes: folders.changes,
    logBytes: Math.round(options.logMiB * 1024 * 1024),
    graceSeconds: options.graceSeconds,
    scratch: `/tmp/endstation-${handle}`,
    portal: { folder: tunnels.folder, ticket: await tunnels.ticket(spec, "folder") },
    now: options.clock.now(),
  });
}

async function reserve(site: Site, known: Watch, spec: LaunchSpec, order: Order): Promise<void> {
  await inTurn(site, async () => {
    const offer = offerOf(spec.kind, spec.flavour, site.capacity, await known.running(), 0);
    if (!offer.fits) throw new Rejected(offer.code, offer.detail);
    await layDown(site.folders, basename(handleOf(spec.sessionId, spec.attempt)), order);
  });
}
