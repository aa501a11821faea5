import { setTimeout as sleep } from "node:timers/promises";
import { Rejected } from "@endstation/core";
import { containerOf, type Order } from "./container.ts";
import { discard } from "./leftovers.ts";
import { label } from "./names.ts";
import { type Site, there } from "./site.ts";

/** How long whoever has made a container has to start it before others do. */
const claim = 3_000;
const lookAgain = 100;
const usualPath = "/usr/local/bin:/usr/bin:/bin";

/**
 * Brings a session that was laid down to life; may be asked by several at once and again after any failure. Who has made
 * the container starts it: two that both start it could start it again after a very early end.
 * @returns begun, also when it has ended, was refused or called off · no-image: the engine must have the image first.
 */
export function begin(site: Site, handle: string, order: Order): Promise<"begun" | "no-image"> {
  return site.fewAtOnce(() => bring(site, handle, order));
}

async function bring(site: Site, handle: string, order: Order): Promise<"begun" | "no-image"> {
  const { engine, records } = site;
  for (;;) {
    if (await isOver(site, handle)) return "begun";
    const found = await engine.inspect(handle);
    if (found === null) {
      if (await records.isMarked(handle, "started")) return "begun";
      const made = await make(site, handle, order);
      if (made === "no-image") return made;
      if (made !== "there" && (await start(site, handle, made.id))) return "begun";
    } else if (found.State.Status !== "created") {
      await records.mark(handle, "started");
      return "begun";
    } else if (Date.now() < found.Created.getTime() + claim) await sleep(lookAgain);
    else if (await start(site, handle, found.Id)) return "begun";
  }
}

async function isOver({ records }: Site, handle: string): Promise<boolean> {
  return (await records.isMarked(handle, "stop")) || (await records.waiting(handle))?.refused != null;
}

/** False: that container never can be started; it is no more. */
async function start({ engine, records, config }: Site, handle: string, id: string): Promise<boolean> {
  try {
    const started = await engine.start(id);
    if (started === "stale") {
      await discard(engine, id);
      return false;
    }
  } catch (error) {
    if (error instanceof Rejected) await engine.remove(id);
    throw error;
  }
  await records.mark(handle, "started");
  // It may have been called off since we looked.
  if (await records.isMarked(handle, "stop")) await engine.stop(id, config.graceSeconds);
  return true;
}

async function make(site: Site, handle: string, order: Order) {
  const { engine, records, config, owner, name, launcherFolder, tunnels } = site;
  const inImage = await environmentOf(site, order);
  if (inImage === null) return "no-image";
  const { remap } = await site.machine();
  const own = (path: string) => there(config, path);
  const folder = records.folderOf(handle);
  const body = containerOf(order, {
    ...inImage,
    ...{ config, provider: name, owner, remap },
    folders: {
      session: own(`${folder}/session`),
      etc: own(`${folder}/etc`),
      tunnel: own(tunnels.folder),
      launcher: own(launcherFolder),
    },
    mounts: order.mounts.map((mount) => ({ ...mount, source: there(config, mount.source) })),
  });
  return engine.create(handle, body);
}

/** Where the environment is in a container of that image; null: the engine does not have the image. */
async function environmentOf({ engine, config }: Site, { image, source }: Order) {
  const found = await engine.image(image);
  if (found === null) return null;
  const environment =
    source.image === image
      ? found.Config?.Labels?.[label.environment]
      : source.path && there(config, source.path);
  if (environment === undefined)
    throw new Rejected("environment-unavailable", `the image ${image} has no label ${label.environment}`);
  const path = found.Config?.Env?.find((variable) => variable.startsWith("PATH="));
  return { environment, imagePath: path?.slice("PATH=".length) ?? usualPath };
}
