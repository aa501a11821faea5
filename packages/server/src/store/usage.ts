import {
  type Instant,
  isEnded,
  type LogEntry,
  runningIntervals,
  runningSeconds,
  type SessionId,
  type SessionKind,
} from "@endstation/core";
import type { Database } from "./database.ts";

/** What one person's sessions came to in a period. */
export interface Usage {
  /** Sessions asked for within the period. */
  readonly sessionsStarted: number;
  readonly runningSeconds: number;
  /** Sessions that are not ended, at the end of the period or now. */
  readonly live: number;
  /** Batch sessions are counted apart. */
  readonly liveBatch: number;
}

/** Folds the log of each of a person's sessions that may have run between `from` and `to`; one that runs still counts up to `to`. */
export async function usageOf(
  database: Database,
  account: string,
  from: Instant,
  to: Instant,
): Promise<Usage> {
  const logs = await logsOf(database, account, from, to);
  const intervals = logs.flatMap(({ entries }) => runningIntervals(entries, to));
  const created = logs.map(({ entries }) => entries[0]?.at ?? 0);
  const live = logs.filter(({ entries }) => !isEnded({ phase: entries.at(-1)?.phase ?? "stopped" }));
  const liveBatch = live.filter(({ kind }) => kind === "batch").length;
  return {
    sessionsStarted: created.filter((at) => at >= from && at < to).length,
    runningSeconds: runningSeconds(intervals, from, to),
    live: live.length - liveBatch,
    liveBatch,
  };
}

interface SessionLog {
  readonly kind: SessionKind;
  readonly entries: LogEntry[];
}

/** The log entries before `to` of the sessions that were there in the period. */
async function logsOf(
  { db }: Database,
  account: string,
  from: Instant,
  to: Instant,
): Promise<readonly SessionLog[]> {
  const rows = await db
    .selectFrom("session_log")
    .innerJoin("sessions", "sessions.id", "session_log.session_id")
    .selectAll("session_log")
    .select("sessions.kind")
    .where("sessions.owner", "=", account)
    .where("sessions.created_at", "<", to)
    .where((where) =>
      where.or([where("sessions.ended_at", "is", null), where("sessions.ended_at", ">=", from)]),
    )
    .where("session_log.at", "<", to)
    .orderBy("session_log.session_id")
    .orderBy("session_log.sequence")
    .execute();
  const logs = new Map<SessionId, SessionLog>();
  for (const { session_id: sessionId, kind, ...entry } of rows) {
    const log = logs.get(sessionId) ?? { kind, entries: [] };
    logs.set(sessionId, log);
    log.entries.push({ sessionId, ...entry });
  }
  return [...logs.values()];
}
