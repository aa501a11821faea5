import { type Instant, minute, type SessionId } from "@endstation/core";
import type { Database } from "./database.ts";

/** Notes that something happened in a session. At most one write a minute and session; of none that is unknown. */
export async function recordActivity(database: Database, sessionId: SessionId, at: Instant): Promise<void> {
  const text = `
    INSERT INTO activity (session_id, at) SELECT id, $2::bigint FROM sessions WHERE id = $1
    ON CONFLICT (session_id) DO UPDATE SET at = excluded.at WHERE activity.at <= excluded.at - $3::bigint`;
  await database.query({ name: "activity-note", text }, [sessionId, at, minute]);
}
