import type { Instant, SessionId } from "@endstation/core";
import type { Database } from "./database.ts";

/** Notes that a right is lost; answers since when it is, and whether that was not known before. */
export async function noteRightLost(
  { db }: Database,
  sessionId: SessionId,
  now: Instant,
): Promise<{ readonly since: Instant; readonly isNew: boolean }> {
  const noted = await db
    .insertInto("right_losses")
    .values({ session_id: sessionId, since: now })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  const isNew = noted.numInsertedOrUpdatedRows === 1n;
  const known = await db
    .selectFrom("right_losses")
    .select("since")
    .where("session_id", "=", sessionId)
    .executeTakeFirst();
  return { since: known?.since ?? now, isNew };
}

/** The right is there again, or the session has ended. */
export async function forgetRightLost({ db }: Database, sessionId: SessionId): Promise<void> {
  await db.deleteFrom("right_losses").where("session_id", "=", sessionId).execute();
}
