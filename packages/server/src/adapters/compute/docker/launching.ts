import { access } from "node:fs/promises";
import {
  type EnvironmentSource,
  type LaunchSpec,
  type PlaceRequest,
  Rejected,
  type SessionKind,
} from "@endstation/core";
import { seenThere } from "../../../transports/paths.ts";
import { accountInside } from "./accounts.ts";
import type { DockerConfig } from "./config.ts";
import type { Order } from "./container.ts";
import { attemptOf, handleOf, imageParts } from "./names.ts";
import type { Places } from "./places.ts";
import type { Site } from "./site.ts";
import { begin } from "./starting.ts";
import type { WaitingRoom } from "./waiting.ts";

export const kinds: readonly SessionKind[] = ["jupyter", "terminal", "batch"];

/** Takes a session on, unless that was done, and has it started, at once or when its image is there. */
export async function launch(
  site: Site,
  places: Places,
  room: WaitingRoom,
  spec: LaunchSpec,
): Promise<string> {
  const handle = handleOf(site.owner, spec);
  if (attemptOf(site.owner, handle) === null)
    throw new Rejected("launch-rejected", `"${spec.sessionId}" is no name of a session`);
  try {
    const order = (await site.records.order(handle)) ?? (await takeOn(site, places, handle, spec));
    await beginOrWait(site, room, handle, order);
  } finally {
    places.release(handle);
  }
  return handle;
}

async function beginOrWait(site: Site, room: WaitingRoom, handle: string, order: Order): Promise<void> {
  try {
    if ((await begin(site, handle, order)) === "no-image") await room.enter(handle);
  } catch (error) {
    if (error instanceof Rejected) await site.records.forget(handle);
    throw error;
  }
}

async function takeOn(site: Site, places: Places, handle: string, spec: LaunchSpec): Promise<Order> {
  const image = checkedImage(site, spec);
  checkAccount(spec);
  await checkFolders(spec);
  await places.take(handle, spec.flavour);
  const ticket = await site.tunnels.ticket(spec, "folder");
  const { remap } = await site.machine();
  const { document, ...rest } = spec;
  const { folder: tunnelInside } = JSON.parse(ticket) as { folder: string };
  const order = { ...rest, image, tunnelInside };
  await site.records.layDown(handle, order, { document, account: accountInside(spec.posix, remap), ticket });
  return order;
}

function checkedImage({ config }: Site, { kind, source, mounts }: LaunchSpec): string {
  const no = refusalOf(config, { kind, source, folders: mounts.map((mount) => mount.source) });
  if (no !== null) throw new Rejected(no.code, no.detail);
  return imageOf(config, source) as string;
}

function checkAccount({ posix }: LaunchSpec): void {
  const uid = process.getuid?.() ?? 0;
  if (posix.uid === 0 || posix.gid === 0)
    throw new Rejected("launch-rejected", "a session never runs as root; map its owner to an account");
  if (uid !== 0 && posix.uid !== uid)
    throw new Rejected("launch-rejected", "only a portal started as root can run sessions as other accounts");
}

async function checkFolders({ mounts }: LaunchSpec): Promise<void> {
  for (const { source, target } of mounts)
    await access(source).catch(() => {
      const code = target.startsWith("/data/") ? "dataset-unreadable" : "launch-rejected";
      throw new Rejected(code, `the folder for ${target} is not there`);
    });
}

/** The image that a session is made of; null: there is none. */
export function imageOf({ baseImage }: DockerConfig, { image, path }: EnvironmentSource): string | null {
  return image ?? (path === undefined ? null : (baseImage ?? null));
}

/** Why something can never run here, whatever place is free; null: it can. */
export function refusalOf(config: DockerConfig, { kind, source, folders }: Omit<PlaceRequest, "flavour">) {
  const image = imageOf(config, source);
  const isUnseen = (folder: string) => seenThere(config.paths, folder) === null;
  const software = (detail: string) => ({ code: "environment-unavailable", detail }) as const;
  if (!kinds.includes(kind)) return software(`no ${kind} sessions run here`);
  if (image === null) return software("the environment has no image");
  if (imageParts(image) === null)
    return software(`the image ${image} is not fixed by a digest (name@sha256:…)`);
  if (source.image === undefined && isUnseen(source.path ?? ""))
    return software(`the engine does not see ${source.path}`);
  const unseen = folders.find(isUnseen);
  return unseen === undefined
    ? null
    : ({ code: "data-unreachable", detail: `the engine does not see ${unseen}` } as const);
}
