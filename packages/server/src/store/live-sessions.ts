import type { Database } from "./database.ts";

/** How many sessions of each of these proposals are live; a proposal without any is left out. */
export async function liveSessionsOf(
  { db }: Database,
  proposals: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (proposals.length === 0) return new Map();
  const rows = await db
    .selectFrom("sessions")
    .select(({ fn }) => ["proposal", fn.countAll<number>().as("live")])
    .where("proposal", "in", [...proposals])
    .where("live", "=", true)
    .groupBy("proposal")
    .execute();
  return new Map(
    rows.flatMap(({ proposal, live }) => (proposal === null ? [] : [[proposal, Number(live)] as const])),
  );
}
