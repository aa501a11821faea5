import { setTimeout as sleep } from "node:timers/promises";
import { sqlStateOf } from "./database-error.ts";

const tries = 6;
const serializationFailure = "40001";
const deadlock = "40P01";

/** Runs a whole transaction again when PostgreSQL gave it up for another one's sake. */
export async function withRetries<Result>(transaction: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transaction();
    } catch (error) {
      const state = sqlStateOf(error);
      if ((state !== serializationFailure && state !== deadlock) || attempt === tries) throw error;
      await sleep(Math.random() * 10 * 2 ** attempt);
    }
  }
}
