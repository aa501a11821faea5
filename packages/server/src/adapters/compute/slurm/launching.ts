import { setTimeout as sleep } from "node:timers/promises";
import { type CancelSignal, type LaunchSpec, Rejected } from "@endstation/core";
import { seenThere } from "../../../transports/paths.ts";
import type { Census } from "./census.ts";
import { type Cluster, folderPath, optionsFor } from "./cluster.ts";
import { jobScript } from "./job-script.ts";
import { commentOf, handleOf, jobNameOf } from "./names.ts";
import type { Order } from "./notes.ts";
import { offerOf, sizeOf } from "./offers.ts";
import { accountFiles, apptainerWords, bubblewrapWords, type Inside, searchPathOf } from "./sandbox.ts";
import type { Submission } from "./slurm.ts";

/** How long another process that has made a session's folder may take to submit its job, in milliseconds. */
const othersTake = 5_000;

export interface LaunchNeeds {
  readonly cluster: Cluster;
  /** The next full list. */
  fresh(signal: CancelSignal): Promise<Census>;
  /** Handles whose folder this process has made: nobody else submits their jobs. */
  readonly made: Set<string>;
}

/**
 * Starts a job, if this start has none: whoever makes the session's folder submits it. Where the folder is there already, Slurm
 * is asked first; where neither knows of a job, it is submitted again, and of two that come so the second ends
 * by itself (see job-script.ts).
 */
export async function launch(needs: LaunchNeeds, spec: LaunchSpec, signal: CancelSignal): Promise<void> {
  const { cluster } = needs;
  const { notes, folderOf, now } = cluster;
  const handle = handleOf(spec);
  if ((await notes.end(handle)) !== null || (await notes.isAsked(handle))) return;
  const { order, inside } = await planned(cluster, spec, signal);
  await notes.begin(handle, order);
  const state = await folderOf(order).make(await filesOf(cluster, spec, order), signal);
  if (state === "over") return;
  if (state === "made") needs.made.add(handle);
  else if (await isListed(needs, handle, signal)) return;
  const id = await submit(cluster, spec, order, inside, signal);
  await notes.take(handle, { id, at: now() });
  if (!(await notes.isAsked(handle))) return;
  await cluster.slurm.cancel(id, order.account, signal);
}

interface Planned {
  readonly order: Order;
  readonly inside: Inside;
}

/** @throws Rejected for what can never be started there. */
async function planned(cluster: Cluster, spec: LaunchSpec, signal: CancelSignal): Promise<Planned> {
  const { config, accounts, now } = cluster;
  const software = softwareOf(cluster, spec);
  const mounts = spec.mounts.map((mount) => ({
    ...mount,
    source: demandSeen(cluster, mount.source, mount.target),
  }));
  const account = await accounts.of(spec, signal);
  const folder = folderPath(cluster, account, spec);
  const { kind, endpoints, flavour } = spec;
  const { readable, network } = config;
  const program = config.program ?? (config.sandbox === "bubblewrap" ? "bwrap" : "apptainer");
  const options = optionsFor(cluster, flavour.name);
  const size = sizeOf(flavour, options, config.lifetimeMinutes);
  const offer = offerOf(size, options, await cluster.places(), new Map(), now());
  if (!offer.fits && offer.code !== "no-capacity") throw new Rejected(offer.code, offer.detail);
  return {
    order: { account, folder, kind, endpoints, memoryMiB: flavour.memoryMiB, at: now() },
    inside: { spec, folder, mounts, software, program, readable, network },
  };
}

/** Folder or image of the environment, as the nodes see it; null: a module. */
function softwareOf(cluster: Cluster, { source, document }: LaunchSpec): string | null {
  const { path, module, apptainer } = source;
  if (cluster.config.sandbox === "apptainer") {
    if (apptainer !== undefined) return apptainer;
  } else if (path !== undefined) return demandSeen(cluster, path, "the environment");
  else if (module !== undefined) return null;
  const wanted = cluster.config.sandbox === "apptainer" ? "an Apptainer image" : "a folder or a module";
  throw new Rejected(
    "environment-unavailable",
    `${document.environment} has no source that runs there: ${wanted}`,
  );
}

function demandSeen({ config, site }: Cluster, path: string, what: string): string {
  const there = seenThere(config.paths, path);
  if (there !== null) return there;
  const code = what.startsWith("/data") ? "data-unreachable" : "launch-rejected";
  throw new Rejected(
    what === "the environment" ? "environment-unavailable" : code,
    `${site.name} does not see ${path}, which is ${what}`,
  );
}

async function filesOf(
  { site, launcher, config }: Cluster,
  { document, ...start }: LaunchSpec,
  { account }: Order,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const texts = {
    ...accountFiles(account, document.owner.name, config.network),
    "spec.json": `${JSON.stringify(document, null, 2)}\n`,
    "datasets.json": `${JSON.stringify(document.datasets, null, 2)}\n`,
    "tunnel.json": await site.tunnels.ticket(start, "network"),
  };
  const files = Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)] as const);
  return new Map<string, Uint8Array>([...files, ["launcher.pyz", launcher]]);
}

/** Somebody else has made the folder, or we did before we were stopped: is there a job by now? */
async function isListed(
  { cluster, fresh, made }: LaunchNeeds,
  handle: string,
  signal: CancelSignal,
): Promise<boolean> {
  const { notes, now } = cluster;
  const isOurTurn = made.has(handle) || (await notes.job(handle)) !== null;
  for (const until = now() + (isOurTurn ? 0 : othersTake); ; await sleep(200)) {
    const { jobs, asOf } = await fresh(signal);
    const job = jobs.get(handle);
    if (job !== undefined) {
      await notes.take(handle, { id: job.id, at: now() });
      return true;
    }
    if (asOf >= until) return false;
  }
}

async function submit(
  cluster: Cluster,
  spec: LaunchSpec,
  order: Order,
  inside: Inside,
  signal: CancelSignal,
): Promise<number> {
  try {
    return await cluster.slurm.submit(submissionOf(cluster, spec, order, inside), signal);
  } catch (error) {
    if (error instanceof Rejected) await takeBack(cluster, spec, order, signal);
    throw error;
  }
}

/** Nothing stays of what was refused. */
async function takeBack(
  cluster: Cluster,
  spec: LaunchSpec,
  order: Order,
  signal: CancelSignal,
): Promise<void> {
  const { site, notes, folderOf } = cluster;
  await site.tunnels.revoke(spec);
  await notes.forget(handleOf(spec));
  await folderOf(order)
    .remove(signal)
    .catch((error: unknown) =>
      site.log.warn({ err: error, folder: order.folder }, "a refused session's folder stays"),
    );
}

function submissionOf(cluster: Cluster, spec: LaunchSpec, order: Order, inside: Inside): Submission {
  const { mark, config } = cluster;
  const { folder, account, kind } = order;
  const { gres, ...options } = optionsFor(cluster, spec.flavour.name);
  const size = sizeOf(spec.flavour, { gres, ...options }, config.lifetimeMinutes);
  return {
    ...size,
    account,
    name: jobNameOf(spec),
    comment: commentOf(mark, spec, kind),
    folder,
    log: `${folder}/log`,
    requeue: kind === "batch",
    options: { ...options, ...(size.gres === null ? {} : { gres: size.gres }) },
    script: scriptOf(cluster, spec, inside),
  };
}

function scriptOf({ config }: Cluster, { source, flavour, kind }: LaunchSpec, inside: Inside): string {
  const { folder, mounts, software, program } = inside;
  const isImage = config.sandbox === "apptainer";
  const wrap = isImage ? apptainerWords(inside) : bubblewrapWords(inside);
  const searchPath = isImage ? null : searchPathOf(software);
  const python = isImage || software === null ? "python3" : `${software}/bin/python`;
  const others = [
    ...(searchPath === null ? [] : ["--path", searchPath]),
    "--processes",
    String(flavour.processes),
  ];
  const files = ["--folder", folder, "--tunnel", `${folder}/tunnel.json`];
  return jobScript({
    folder,
    module: software === null ? (source.module ?? null) : null,
    needs: [...(software?.startsWith("/") ? [software] : []), ...mounts.map((mount) => mount.source)],
    programs: [python, program],
    mayRepeat: kind === "batch",
    command: [python, "-I", `${folder}/launcher.pyz`, ...files, "--wrap", JSON.stringify(wrap), ...others],
  });
}
