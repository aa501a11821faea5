import { setTimeout as sleep } from "node:timers/promises";
import type { Target } from "@endstation/core";
import { discard } from "./leftovers.ts";
import { attemptOf } from "./names.ts";
import type { Site } from "./site.ts";
import type { WaitingRoom } from "./waiting.ts";

/** After so long without an objection the engine has taken an order to stop something; it sees it through by itself. */
const taken = 500;
const hour = 60 * 60_000;

/** Has a session ended, wherever it is on its way; what has ended, or never was, is left at that. */
export async function terminate(site: Site, room: WaitingRoom, { sessionId, handle }: Target): Promise<void> {
  const handles = handle === null ? await site.records.handlesOf(sessionId) : [handle];
  await Promise.all(handles.map((one) => end(site, room, one)));
}

async function end(site: Site, room: WaitingRoom, handle: string): Promise<void> {
  const { engine, records, tunnels, owner } = site;
  if (attemptOf(owner, handle) === null) return;
  await records.mark(handle, "stop");
  await room.leave(handle);
  await records.closeWay(handle, tunnels.revoke);
  const found = await engine.inspect(handle);
  if (found?.State.Status === "created") await discard(engine, found.Id);
  else if (found !== null && !isOver(found.State.Status)) await stop(site, handle);
}

async function stop({ engine, config, log }: Site, handle: string): Promise<void> {
  const stopping = engine.stop(handle, config.graceSeconds);
  stopping.catch((error: Error) =>
    log.debug({ handle, error: error.message }, "stopping it was interrupted"),
  );
  await Promise.race([stopping, sleep(taken)]);
}

function isOver(status: string): boolean {
  return status === "exited" || status === "dead" || status === "removing";
}

/** Forgets what ended long ago, and removes containers that were made and never started. */
export async function tidy(site: Site, now: number): Promise<void> {
  const { engine, records, tunnels, owner, config } = site;
  const old = now - config.keepEndedHours * hour;
  const waiting = await records.allWaiting();
  const live = new Set<string>();
  for (const { Id, Names, State, Created } of await engine.list()) {
    const handle = Names[0]?.slice(1) ?? "";
    if (attemptOf(owner, handle) === null) continue;
    const isLeft = State === "created" && Created * 1000 < now - hour && !waiting.has(handle);
    const goes = isLeft || (isOver(State) && (await endedBefore(site, handle, old)));
    if (goes) await discard(engine, Id);
    else live.add(handle);
  }
  for (const [handle, { since, refused }] of waiting)
    if (refused !== null && since < old) await records.endWaiting(handle);
    else live.add(handle);
  await records.forgetOld(old, live, tunnels.revoke);
}

async function endedBefore({ engine }: Site, handle: string, time: number): Promise<boolean> {
  const found = await engine.inspect(handle);
  return found !== null && found.State.FinishedAt.getTime() < time;
}
