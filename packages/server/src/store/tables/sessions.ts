import type { Effect, LogEntry, Phase, Session, SessionKind, ShareRole } from "@endstation/core";
import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from "kysely";

type Json<Value extends object> = JSONColumnType<Value, string, string>;
type Timestamp = ColumnType<Date, never, never>;

/** Tables of migrations/0001-sessions.sql and 0006-batch.sql. */
export interface SessionTables {
  readonly sessions: SessionRow;
  readonly session_log: SessionLogRow;
  readonly effects: EffectRow;
  readonly leases: { readonly name: string; readonly holder: string; readonly until: Timestamp };
  readonly awaited_answers: { readonly session_id: string; readonly provider: string };
  readonly deadlines: { readonly session_id: string; readonly look_at: number };
  readonly right_losses: { readonly session_id: string; readonly since: number };
  readonly activity: { readonly session_id: string; readonly at: number };
  readonly shares: ShareRow;
  readonly idempotency_keys: IdempotencyRow;
  readonly origins: OriginRow;
  readonly routes: RouteRow;
  readonly scripts: { readonly session_id: string; readonly text: string };
  readonly hints: HintRow;
  readonly hint_counter: {
    readonly single: Generated<boolean>;
    readonly latest: number;
    readonly pruned: number;
  };
}

/** The session whole, and columns drawn from it by the database for queries. */
export interface SessionRow {
  readonly id: string;
  readonly document: Json<Session>;
  readonly version: GeneratedAlways<number>;
  readonly owner: GeneratedAlways<string>;
  readonly proposal: GeneratedAlways<string | null>;
  readonly kind: GeneratedAlways<SessionKind>;
  readonly array_id: GeneratedAlways<string | null>;
  readonly provider: GeneratedAlways<string>;
  readonly phase: GeneratedAlways<Phase>;
  readonly live: GeneratedAlways<boolean>;
  readonly created_at: GeneratedAlways<number>;
  readonly started_at: GeneratedAlways<number | null>;
  readonly ended_at: GeneratedAlways<number | null>;
}

export interface SessionLogRow {
  readonly session_id: string;
  readonly sequence: number;
  readonly at: number;
  readonly phase: Phase;
  readonly event: Json<LogEntry["event"]>;
}

export interface EffectRow {
  readonly id: GeneratedAlways<number>;
  readonly session_id: string;
  readonly provider: string;
  readonly effect: Json<Effect>;
  readonly tries: Generated<number>;
  readonly holder: string | null;
  readonly due: Timestamp;
}

export interface ShareRow {
  readonly session_id: string;
  readonly account: string;
  readonly as: ShareRole;
  readonly until: number | null;
  readonly by: string;
  readonly at: number;
  readonly link: string | null;
}

interface IdempotencyRow {
  readonly owner: string;
  readonly key: string;
  readonly digest: string;
  readonly session_id: string;
  readonly at: number;
}

/** The DNS label of a way into a session; it outlives the way. */
export interface OriginRow {
  readonly label: string;
  readonly session_id: string;
  /** `session` for owner and members, `viewer:<account>` for a viewer. */
  readonly role: string;
  readonly endpoint: string;
}

/** A way into a running session that is open now. */
export interface RouteRow extends OriginRow {
  readonly provider: string;
  readonly handle: string | null;
}

export interface HintRow {
  readonly id: GeneratedAlways<number>;
  readonly number: number | null;
  readonly resource: string;
  readonly subject: string;
  readonly version: number;
  readonly made: Timestamp;
}
