import {
  type Instant,
  isEnded,
  type LogEntry,
  runningIntervals,
  runningSeconds,
  type SessionId,
} from "@endstation/core";
import type { Database } from "./database.ts";

/** What one person's sessions came to in a period. */
export interface Usage {
  /** Sessions asked for within the period. */
  readonly sessionsStarted: number;
  readonly runningSeconds: number;
  /** Sessions that are not ended, at the end of the period or now. */
  readonly live: number;
}

/** Folds the log of each of a person's sessions that may have run between `from` and `to`; one that runs still counts up to `to`. */
export async function usageOf(
  database: Database,
  account: string,
  from: Instant,
  to: Instant,
): Promise<Usage> {
  const logs = await logsOf(database, account, from, to);
  const intervals = logs.flatMap((log) => runningIntervals(log, to));
  const created = logs.map((log) => log[0]?.at ?? 0);
  const last = logs.map((log) => log.at(-1)?.phase ?? "stopped");
  return {
    sessionsStarted: created.filter((at) => at >= from && at < to).length,
    runningSeconds: runningSeconds(intervals, from, to),
    live: last.filter((phase) => !isEnded({ phase })).length,
  };
}

/** The log entries before `to` of the sessions that were there in the period. */
async function logsOf(
  { db }: Database,
  account: string,
  from: Instant,
  to: Instant,
): Promise<readonly (readonly LogEntry[])[]> {
  const rows = await db
    .selectFrom("session_log")
    .innerJoin("sessions", "sessions.id", "session_log.session_id")
    .selectAll("session_log")
    .where("sessions.owner", "=", account)
    .where("sessions.created_at", "<", to)
    .where((where) =>
      where.or([where("sessions.ended_at", "is", null), where("sessions.ended_at", ">=", from)]),
    )
    .where("session_log.at", "<", to)
    .orderBy("session_log.session_id")
    .orderBy("session_log.sequence")
    .execute();
  const logs = new Map<SessionId, LogEntry[]>();
  for (const { session_id: sessionId, ...entry } of rows) {
    const log = logs.get(sessionId) ?? [];
    logs.set(sessionId, log);
    log.push({ sessionId, ...entry });
  }
  return [...logs.values()];
}
