import { existsSync } from "node:fs";
import type { Capabilities, EnvironmentSource, Offer, PlaceRequest, Target } from "@endstation/core";
import { unlessCalledOff } from "../../../transports/calling-off.ts";
import type { ComputeSite, Provider } from "../../../transports/provider.ts";
import type { DockerConfig } from "./config.ts";
import { lastLines } from "./demultiplex.ts";
import { dial, latestOf } from "./dialling.ts";
import { terminate, tidy } from "./ending.ts";
import { imageOf, kinds, launch, refusalOf } from "./launching.ts";
import { attemptOf, imageParts } from "./names.ts";
import { Places } from "./places.ts";
import { createSite, type Site } from "./site.ts";
import { WaitingRoom } from "./waiting.ts";
import { Watch } from "./watching.ts";

export { type DockerConfig, dockerConfig } from "./config.ts";

const hour = 60 * 60_000;

/** Sessions as containers of a Docker engine on this machine. */
export function createDockerProvider(config: DockerConfig, given: ComputeSite): Provider {
  const site = createSite(config, given);
  const room = new WaitingRoom(site, (handle) => void watch.look(handle).catch(() => {}));
  const watch: Watch = new Watch(site, room);
  const places = new Places(site);
  const endTidying = tidyEvery(hour, site);
  return {
    capabilities: capabilitiesOf(config),
    unusable: null,
    offers: (request, signal) => unlessCalledOff(signal, () => offers(config, places, request)),
    launch: (spec, signal) =>
      unlessCalledOff(signal, async () => ({ handle: await launch(site, places, room, spec) })),
    observe: (signal) => watch.observe(signal),
    terminate: (target, signal) => unlessCalledOff(signal, () => terminate(site, room, target)),
    dial: (target, endpoint, signal) => unlessCalledOff(signal, () => dial(site, target, endpoint, signal)),
    logs: (target, maxBytes, signal) => unlessCalledOff(signal, () => logs(site, target, maxBytes)),
    prepare: (source) => prepare(site, room, source),
    close: async () => {
      endTidying();
      room.close();
      watch.close();
      await site.engine.close();
    },
  };
}

function capabilitiesOf({ network, baseImage }: DockerConfig): Capabilities {
  return {
    kinds,
    endpoints: ["jupyter", "terminal"],
    logs: true,
    isolation: "container",
    limits: existsSync("/sys/fs/cgroup/cgroup.controllers") ? "cgroup-v2" : "cgroup-v1",
    network: network === undefined ? "none" : "open",
    sources: baseImage === undefined ? ["image"] : ["image", "path"],
  };
}

async function offers(config: DockerConfig, places: Places, request: PlaceRequest): Promise<Offer> {
  const no = refusalOf(config, request);
  return no === null ? places.offer(request.flavour) : { fits: false, ...no };
}

/** A line has at least a byte. */
async function logs({ records, engine, owner }: Site, target: Target, maxBytes: number): Promise<string> {
  const handle = await latestOf(records, target);
  if (handle === null || attemptOf(owner, handle) === null) return "";
  return lastLines(await engine.logs(handle, maxBytes), maxBytes);
}

async function prepare(
  { config, log }: Site,
  room: WaitingRoom,
  source: EnvironmentSource,
): Promise<boolean> {
  const image = imageOf(config, source);
  if (image === null || imageParts(image) === null || !config.pullAtStart) return false;
  try {
    await room.prepare(image);
    return true;
  } catch (error) {
    log.warn({ image, error: (error as Error).message }, "an image was not pulled beforehand");
    return false;
  }
}

function tidyEvery(milliseconds: number, site: Site): () => void {
  const begin = () =>
    void tidy(site, Date.now()).catch((error: Error) =>
      site.log.debug({ error: error.message }, "ended sessions are not tidied away now"),
    );
  const timer = setInterval(begin, milliseconds).unref();
  begin();
  return () => clearInterval(timer);
}
