import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { EndstationError } from "@endstation/core";
import { migrate, readMigrations } from "./migrate.ts";
import { withDatabase } from "./testing.ts";

const folder = join(import.meta.dirname, "migrations");

test("every migration is applied once, in order, however many replicas start", async () => {
  await withDatabase(async (database) => {
    await Promise.all([migrate(database), migrate(database), migrate(database)]);
    const { rows } = await database.pool.query("SELECT name FROM migrations ORDER BY name");
    const names = (await readMigrations(folder)).map((migration) => migration.name);
    assert.deepEqual(
      rows.map((row) => row.name),
      names,
    );
  });
});

test("a migration edited after it was applied, or of a later version, is refused by name", async () => {
  await withDatabase(async (database) => {
    await database.pool.query("UPDATE migrations SET digest = 'other' WHERE name = '0001-sessions.sql'");
    await assert.rejects(migrate(database), refusalNaming("0001-sessions.sql"));
  });
  await withDatabase(async (database) => {
    await database.pool.query("INSERT INTO migrations VALUES ('9999-later.sql', 'x', 0)");
    await assert.rejects(migrate(database), refusalNaming("9999-later.sql"));
  });
});

function refusalNaming(name: string) {
  return (error: unknown) =>
    error instanceof EndstationError && error.code === "database-version" && error.detail.includes(name);
}
