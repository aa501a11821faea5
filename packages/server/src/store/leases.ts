import type { Database } from "./database.ts";

/** Takes or prolongs a lease, by the database's clock; false while somebody else has it. */
export async function takeLease(
  database: Database,
  name: string,
  holder: string,
  leaseMs: number,
): Promise<boolean> {
  const text = `
    INSERT INTO leases (name, holder, until)
    VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3::float8 / 1000))
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
    WHERE leases.holder = excluded.holder OR leases.until < clock_timestamp()
    RETURNING name`;
  const rows = await database.query({ name: "lease-take", text }, [name, holder, leaseMs]);
  return rows.length === 1;
}

export async function giveLeaseBack(database: Database, name: string, holder: string): Promise<void> {
  const text = "DELETE FROM leases WHERE name = $1 AND holder = $2";
  await database.query({ name: "lease-give-back", text }, [name, holder]);
}
