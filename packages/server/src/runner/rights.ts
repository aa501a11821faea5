import { isEnded, type Session } from "@endstation/core";
import { liveSessions, providersInUse } from "../store/provider-sessions.ts";
import { forgetRightLost, noteRightLost } from "../store/right-losses.ts";
import { type Loop, startLoop } from "./loop.ts";
import { happen, type Stage } from "./stage.ts";
import { eachOf } from "./turns.ts";

/** Whether the owner of a session may still read all the data it has. */
export type OwnerMayRead = (session: Session) => Promise<boolean>;

/** Asks again and again whether owners may still read the data of their sessions; who lost it, loses the session. */
export function startRightsWatch(stage: Stage, mayRead: OwnerMayRead): Loop {
  const { pace, log } = stage;
  const work = () => lookAtAll(stage, mayRead);
  return startLoop({ name: "rights", every: pace.rightsEvery, pace, log, work });
}

async function lookAtAll(stage: Stage, mayRead: OwnerMayRead): Promise<void> {
  for (const provider of await providersInUse(stage.database))
    for await (const sessions of liveSessions(stage.database, provider))
      await eachOf(sessions, 4, (session) => lookAt(stage, mayRead, session));
}

async function lookAt(stage: Stage, mayRead: OwnerMayRead, session: Session): Promise<void> {
  if (session.datasets.length === 0 || session.phase === "stopping") return;
  if (await mayRead(session)) return forgetRightLost(stage.database, session.id);
  const now = stage.clock.now();
  const { since, isNew } = await noteRightLost(stage.database, session.id, now);
  if (isNew) await stage.notify(session, "expires-soon");
  if (now < since + stage.limits.warnBefore) return;
  const after = await happen(stage, session, { type: "stop-requested", reason: "right-lost", by: null });
  stage.log.info({ session: session.id, phase: after?.phase }, "its owner may no longer read its data");
  if (after === null || isEnded(after) || after.phase === "stopping")
    await forgetRightLost(stage.database, session.id);
}
