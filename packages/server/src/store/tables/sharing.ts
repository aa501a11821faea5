import type { AuditAction, LinkRole, RequestState, ShareRole } from "@endstation/core";
import type { ColumnType, GeneratedAlways } from "kysely";

/** Tables of migrations/0011-sharing.sql. */
export interface SharingTables {
  readonly links: LinkRow;
  readonly link_uses: { readonly link: string; readonly account: string; readonly at: number };
  readonly removals: { readonly session_id: string; readonly account: string; readonly at: number };
  readonly join_requests: RequestRow;
  readonly audit: AuditRow;
  readonly presences: PresenceRow;
}

export interface LinkRow {
  readonly id: string;
  readonly session_id: string;
  readonly digest: Buffer;
  readonly as: LinkRole;
  readonly until: number;
  readonly most_uses: number | null;
  readonly by: string;
  readonly at: number;
  readonly revoked_at: number | null;
}

export interface RequestRow {
  readonly id: string;
  readonly session_id: string;
  readonly account: string;
  readonly as: ShareRole;
  readonly reason: string | null;
  readonly state: RequestState;
  readonly at: number;
  readonly until: number;
  readonly answered_at: number | null;
}

export interface AuditRow {
  readonly id: GeneratedAlways<number>;
  readonly session_id: string;
  readonly at: number;
  readonly action: AuditAction;
  readonly account: string | null;
  readonly whom: string | null;
  readonly role: string | null;
  readonly until: number | null;
  readonly way: string | null;
  readonly reason: string | null;
}

interface PresenceRow {
  readonly digest: Buffer;
  readonly session_id: string;
  readonly account: string;
  readonly since: number;
  readonly until: ColumnType<Date, never, never>;
}
