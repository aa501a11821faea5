import { day, type Instant, isDue, isEnded, nextLook, type Session, type SessionId } from "@endstation/core";
import { claimLooks, setLooks } from "../store/deadlines.ts";
import { type Loop, startLoop } from "./loop.ts";
import { happen, type Stage } from "./stage.ts";
import { eachOf } from "./turns.ts";

const portion = 500;
/** Looked at again after so long when the process that looks is killed. */
const claimFor = 30_000;

/** Looks at sessions whose deadline has come, and at those that changed, to know their next one. */
export function startTicker(stage: Stage): Loop {
  const { pace, log } = stage;
  return startLoop({
    name: "deadlines",
    every: pace.tickEvery,
    rest: 100,
    pace,
    log,
    work: () => tickDue(stage),
  });
}

async function tickDue(stage: Stage): Promise<void> {
  for (;;) {
    const now = stage.clock.now();
    const claimedUntil = now + claimFor;
    const ids = await claimLooks(stage.database, now, claimedUntil, portion);
    if (ids.length === 0) return;
    const looks = new Map<SessionId, Instant>();
    await eachOf(await stage.store.getMany(ids), 16, async (session) => {
      const after = isDue(session, now, stage.limits) ? await tick(stage, session) : session;
      if (after === session) looks.set(session.id, nextLook(session, now, stage.limits) ?? now + day);
    });
    if (looks.size > 0) await setLooks(stage.database, claimedUntil, looks);
    if (ids.length < portion) return;
  }
}

/** A session that a tick changed is due to be looked at anew by that. */
async function tick(stage: Stage, session: Session): Promise<Session | null> {
  const after = await happen(stage, session, { type: "tick" });
  if (after !== null && after.phase !== session.phase)
    stage.log.info({ session: session.id, phase: after.phase, reason: after.reason }, "its time had come");
  return after !== null && isEnded(after) ? null : after;
}
