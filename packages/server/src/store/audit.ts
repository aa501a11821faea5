import type { AuditEntry, Page, PageRequest, StoredAuditEntry } from "@endstation/core";
import type { Kysely } from "kysely";
import { pageOf, positionOf } from "./keyset.ts";
import type { Schema } from "./schema.ts";

/** Records something, within the transaction that does it. */
export async function recordEntry(trx: Kysely<Schema>, { sessionId, ...entry }: AuditEntry): Promise<void> {
  await trx
    .insertInto("audit")
    .values({ session_id: sessionId, ...entry })
    .execute();
}

/** The newest first. */
export async function auditOf(
  db: Kysely<Schema>,
  sessionId: string,
  page: PageRequest,
): Promise<Page<StoredAuditEntry>> {
  const before = positionOf(page.cursor)?.sortAt ?? Number.MAX_SAFE_INTEGER;
  const rows = await db
    .selectFrom("audit")
    .selectAll()
    .where("session_id", "=", sessionId)
    .where("id", "<", before)
    .orderBy("id", "desc")
    .limit(page.limit + 1)
    .execute();
  const positions = rows.map((row) => ({ ...row, sortAt: row.id, id: String(row.id) }));
  return pageOf(positions, page, ({ sortAt: _, session_id, ...entry }) => ({
    ...entry,
    sessionId: session_id,
  }));
}
