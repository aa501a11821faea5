import type { Instant } from "@endstation/core";
import type { Database } from "./database.ts";

/** Forgets keys of requests made before `before`: nobody repeats those any more. */
export async function forgetIdempotencyKeys({ db }: Database, before: Instant): Promise<void> {
  await db.deleteFrom("idempotency_keys").where("at", "<", before).execute();
}
