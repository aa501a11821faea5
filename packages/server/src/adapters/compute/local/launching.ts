import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { access, chown, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type LaunchSpec, Rejected, Unavailable } from "@endstation/core";
import { folderOf, handleOf, partsOf, socketOf } from "./folders.ts";
import { offerOf } from "./offers.ts";
import { type Order, orderOf } from "./order.ts";
import { layDown, readPart } from "./records.ts";
import { hostFolder, type Site } from "./site.ts";

/** What runs now, for the question whether one more fits. */
export type Running = () => Promise<readonly Order[]>;

/** Starts a session's supervisor, if this attempt was not started before; answers with its handle either way. */
export async function launch(site: Site, running: Running, spec: LaunchSpec): Promise<string> {
  const handle = handleOf(spec.sessionId, spec.attempt);
  if (partsOf(handle) === null) throw new Rejected("launch-rejected", `"${handle}" is no name for a session`);
  const known = await readPart(site.folders, handle, "order.json");
  if (known === null) {
    const environment = await checked(site, spec);
    await reserve(site, running, spec, orderFor(site, spec, handle, environment));
  }
  await ensureSupervised(site, handle);
  return handle;
}

async function checked(site: Site, spec: LaunchSpec): Promise<string> {
  if (site.unusable !== null) throw new Rejected("sandbox-unavailable", site.unusable);
  if (spec.kind !== "jupyter") throw new Rejected("launch-rejected", `${spec.kind} sessions do not run here`);
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

function orderFor(site: Site, spec: LaunchSpec, handle: string, environment: string): Order {
  const { folders, options } = site;
  return orderOf(spec, environment, {
    handle,
    bwrap: site.bwrap,
    system: site.system,
    cgroups: site.cgroups,
    root: site.root,
    launcher: site.launcher,
    launcherFolder: options.launcherFolder,
    prepared: site.prepared.socketFor(environment),
    socket: socketOf(folders, handle, "jupyter"),
    changes: folders.changes,
    logBytes: Math.round(options.logMiB * 1024 * 1024),
    graceSeconds: options.graceSeconds,
    scratch: `/tmp/endstation-${handle}`,
  });
}

const reservations = new WeakMap<Site, Promise<unknown>>();

/** One at a time, so that two starts do not both take the last place. */
async function reserve(site: Site, running: Running, spec: LaunchSpec, order: Order): Promise<void> {
  const before = reservations.get(site) ?? Promise.resolve();
  const turn = before.then(async () => {
    const offer = offerOf(spec.flavour, site.capacity, await running());
    if (!offer.fits) throw new Rejected(offer.code, offer.detail);
    await layDown(site.folders, basename(handleOf(spec.sessionId, spec.attempt)), order);
  });
  reservations.set(
    site,
    turn.catch(() => {}),
  );
  await turn;
}

/** A portal that died between laying down the order and starting the supervisor left one without. */
async function ensureSupervised(site: Site, handle: string): Promise<void> {
  const { folders } = site;
  const started = await readPart(folders, handle, "supervisor.json");
  if (started !== null || (await readPart(folders, handle, "end.json")) !== null) return;
  const order = await readPart(folders, handle, "order.json");
  if (order === null) throw new Unavailable(`${handle} was removed while it was being started`);
  await layDownFiles(order);
  await startSupervisor(folderOf(folders, handle), order.command[0] ?? "python3");
}

/** Without a sandbox the files lie in a real folder; in `/tmp`, so it must be one that we made. */
async function layDownFiles({ scratch, files, posix }: Order): Promise<void> {
  if (scratch === null) return;
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { mode: 0o755 });
  await mkdir(join(scratch, "runtime"), { mode: 0o700 });
  if (posix !== null) await chown(join(scratch, "runtime"), posix.uid, posix.gid);
  for (const [path, text] of Object.entries(files)) await writeFile(path, text, { mode: 0o644, flag: "wx" });
}

/** Resolves when it has taken the session on (or found that another has). */
async function startSupervisor(folder: string, python: string): Promise<void> {
  const log = openSync(join(folder, "supervisor.log"), "a", 0o600);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const failed = (why: string): void =>
    reject(new Unavailable(`the session's supervisor did not start: ${why}`));
  try {
    const child = spawn(python, ["-I", "-S", join(hostFolder, "supervisor.py"), folder], {
      cwd: "/",
      detached: true,
      stdio: ["ignore", "pipe", log],
      env: { LANG: "C.UTF-8" },
    });
    child.once("error", (error) => failed(error.message));
    child.once("exit", (code) => (code === 0 ? resolve() : failed(`exit code ${code}`)));
    child.stdout?.once("data", () => {
      child.stdout?.destroy();
      resolve();
    });
    child.unref();
    await promise;
  } finally {
    closeSync(log);
  }
}
