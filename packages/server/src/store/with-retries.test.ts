import assert from "node:assert/strict";
import { test } from "node:test";
import { EndstationError } from "@endstation/core";
import { CompiledQuery } from "kysely";
import { databaseError } from "./database-error.ts";
import { withDatabase } from "./testing.ts";
import { withRetries } from "./with-retries.ts";

test("a transaction that PostgreSQL gave up for another one is run again; other failures are not", async () => {
  await withDatabase(async ({ db, pool }) => {
    await pool.query("CREATE TABLE counters (id integer PRIMARY KEY, count integer)");
    await pool.query("INSERT INTO counters VALUES (1, 0)");
    const increase = () =>
      db
        .transaction()
        .setIsolationLevel("serializable")
        .execute(async (trx) => {
          const { rows } = await trx.executeQuery<{ count: number }>(raw("SELECT count FROM counters"));
          await trx.executeQuery(raw(`UPDATE counters SET count = ${(rows[0]?.count ?? 0) + 1}`));
        });
    await Promise.all([1, 2, 3].map(() => withRetries(increase)));
    assert.deepEqual((await pool.query("SELECT count FROM counters")).rows, [{ count: 3 }]);
    let tries = 0;
    const wrong = () => {
      tries += 1;
      return db.executeQuery(raw("SELECT nothing"));
    };
    await assert.rejects(withRetries(wrong), /nothing/);
    assert.equal(tries, 1);
  });
});

test("what PostgreSQL and Node say of an outage, a full disk and bad text has its code; the rest stays as it is", () => {
  const failure = (code: string, message = "") => Object.assign(new Error(message), { code });
  const cases: readonly (readonly [Error, string | null])[] = [
    [failure("57P01"), "database-unavailable"],
    [failure("08006"), "database-unavailable"],
    [failure("53300"), "database-unavailable"],
    [failure("ECONNREFUSED"), "database-unavailable"],
    [new Error("Connection terminated unexpectedly"), "database-unavailable"],
    [new Error("timeout exceeded when trying to connect"), "database-unavailable"],
    [failure("53100"), "disk-full"],
    [failure("22P05"), "malformed-request"],
    [failure("22P02", "invalid input syntax for type json"), "malformed-request"],
    [failure("22P02", "invalid input syntax for type integer"), null],
    [failure("23505"), null],
    [failure("42601"), null],
  ];
  for (const [error, code] of cases) {
    const meant = databaseError(error);
    if (code === null) assert.equal(meant, error);
    else assert.equal(meant instanceof EndstationError && meant.code, code);
  }
});

function raw(text: string) {
  return CompiledQuery.raw(text);
}
