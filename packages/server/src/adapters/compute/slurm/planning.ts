import { type CancelSignal, type ErrorCode, type LaunchSpec, Rejected } from "@endstation/core";
import { seenThere } from "../../../transports/paths.ts";
import { type Cluster, folderPath, optionsFor } from "./cluster.ts";
import type { SlurmConfig } from "./config.ts";
import { jobScript } from "./job-script.ts";
import { commentOf, jobNameOf } from "./names.ts";
import type { Order } from "./notes.ts";
import { offerOf, sizeOf } from "./offers.ts";
import { accountFiles, apptainerWords, bubblewrapWords, type Inside, searchPathOf } from "./sandbox.ts";
import type { Submission } from "./slurm.ts";

export interface Plan {
  readonly order: Order;
  readonly submission: Submission;
}

/** What is to be written down and submitted for a session. @throws Rejected for what can never be started there. */
export async function plan(cluster: Cluster, spec: LaunchSpec, signal: CancelSignal): Promise<Plan> {
  const { config, accounts, mark, now } = cluster;
  const { kind, endpoints, flavour } = spec;
  const software = softwareOf(cluster, spec);
  const mounts = spec.mounts.map((mount) => ({ ...mount, source: seenMount(cluster, mount) }));
  const account = await accounts.of(spec, signal);
  const folder = folderPath(cluster, account, spec);
  const options = optionsFor(cluster, flavour.name);
  const size = sizeOf(flavour, options, config.lifetimeMinutes);
  const offer = offerOf(size, options, await cluster.places(), new Map(), now());
  if (!offer.fits && offer.code !== "no-capacity") throw new Rejected(offer.code, offer.detail);
  const { readable, network } = config;
  const program = config.program ?? (config.sandbox === "bubblewrap" ? "bwrap" : "apptainer");
  const inside = { spec, folder, mounts, software, program, readable, network };
  return {
    order: { account, folder, kind, endpoints, memoryMiB: flavour.memoryMiB, at: now() },
    submission: {
      ...size,
      account,
      name: jobNameOf(spec),
      comment: commentOf(mark, spec, kind),
      folder,
      log: `${folder}/log`,
      requeue: kind === "batch",
      options: { ...options, ...(size.gres === null ? {} : { gres: size.gres }) },
      script: scriptOf(config, inside),
    },
  };
}

/** Folder or image of the environment, as the nodes see it; null: a module. */
function softwareOf(cluster: Cluster, { source, document }: LaunchSpec): string | null {
  const { path, module, apptainer } = source;
  const isImage = cluster.config.sandbox === "apptainer";
  if (isImage && apptainer !== undefined) return apptainer;
  if (!isImage && path !== undefined) return demandSeen(cluster, path, "environment-unavailable");
  if (!isImage && module !== undefined) return null;
  const wanted = isImage ? "an Apptainer image" : "a folder or a module";
  throw new Rejected(
    "environment-unavailable",
    `${document.environment} is not ${wanted}, which is what runs there`,
  );
}

function seenMount(cluster: Cluster, { source, target }: LaunchSpec["mounts"][number]): string {
  return demandSeen(cluster, source, target.startsWith("/data/") ? "data-unreachable" : "launch-rejected");
}

function demandSeen({ config, site }: Cluster, path: string, code: ErrorCode): string {
  const there = seenThere(config.paths, path);
  if (there === null) throw new Rejected(code, `${site.name} does not see ${path}`);
  return there;
}

function scriptOf({ sandbox }: SlurmConfig, inside: Inside): string {
  const { spec, folder, mounts, software, program } = inside;
  const isImage = sandbox === "apptainer";
  const wrap = isImage ? apptainerWords(inside) : bubblewrapWords(inside);
  const searchPath = isImage ? null : searchPathOf(software);
  const python = isImage || software === null ? "python3" : `${software}/bin/python`;
  return jobScript({
    folder,
    module: software === null ? (spec.source.module ?? null) : null,
    needs: [...(software?.startsWith("/") ? [software] : []), ...mounts.map((mount) => mount.source)],
    programs: [python, program],
    mayRepeat: spec.kind === "batch",
    command: [
      ...[python, "-I", `${folder}/launcher.pyz`, "--folder", folder, "--tunnel", `${folder}/tunnel.json`],
      ...["--wrap", JSON.stringify(wrap), "--processes", String(spec.flavour.processes)],
      ...(searchPath === null ? [] : ["--path", searchPath]),
    ],
  });
}

/** What is laid down in a session's folder. */
export async function filesFor(
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
