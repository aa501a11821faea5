import assert from "node:assert/strict";
import type { SessionRequest } from "@endstation/api";
import type { Person } from "./person.ts";
import { until } from "./until.ts";

const usual: SessionRequest = { environment: "nexus", datasets: ["lrmecs-3701-mgb2-8k"] };

/** Starts a session and waits until it answers. */
export async function startedSession(person: Person, body: SessionRequest = usual): Promise<string> {
  const { id } = await person.call("startSession", { body });
  await until(
    "a session to answer",
    async () => {
      const { phase, cause } = await person.call("getSession", { id });
      assert.notEqual(phase, "failed", JSON.stringify(cause));
      return phase === "running";
    },
    120_000,
  );
  return id;
}
