import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type CancelSignal, type EndpointKind, Rejected, type Target, Unavailable } from "@endstation/core";
import { socketOf } from "./folders.ts";
import { listHandles } from "./records.ts";
import type { Site } from "./site.ts";
import type { Watch } from "./watching.ts";

/** A supervisor binds the socket within milliseconds of being started. */
const bindsWithin = 5_000;

/** Connects to the socket that the supervisor has bound; what is sent waits there until the session's server answers. */
export async function dial(
  site: Site,
  known: Watch,
  target: Target,
  endpoint: EndpointKind,
  signal: CancelSignal,
): Promise<Duplex> {
  const handle = target.handle ?? (await latestOf(site, target));
  const order = handle === null ? null : await known.order(handle);
  if (handle === null || order === null) throw new Unavailable(`${target.sessionId} is not known here`);
  if (!order.endpoints.includes(endpoint))
    throw new Rejected("session-unreachable", `${target.sessionId} has no endpoint "${endpoint}"`);
  const path = socketOf(site.folders, handle, endpoint);
  for (const until = performance.now() + bindsWithin; ; await sleep(5)) {
    if (signal.aborted) throw new Unavailable("called off");
    try {
      return await connectTo(path, signal);
    } catch (error) {
      const seen = await known.look(handle);
      if (seen?.observation.state !== "running" || performance.now() > until)
        throw new Unavailable(`${handle} does not answer: ${(error as Error).message}`);
    }
  }
}

/** The handle that is meant; without one, that of the latest attempt. */
export async function latestOf(site: Site, { sessionId, handle }: Target): Promise<string | null> {
  const handles = (await listHandles(site.folders)).filter((one) =>
    handle === null ? one.startsWith(`${sessionId}.`) : one === handle,
  );
  return handles.sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).at(-1) ?? null;
}

function connectTo(path: string, signal: CancelSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect({ path });
  const abort = (): void => {
    socket.destroy();
    reject(new Unavailable("called off"));
  };
  signal.addEventListener("abort", abort);
  socket.once("connect", () => resolve(socket));
  // It stays: an error between here and whoever takes the connection over must not end the portal.
  socket.on("error", reject);
  return promise.finally(() => signal.removeEventListener("abort", abort));
}
