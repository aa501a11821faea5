import assert from "node:assert/strict";
import { test } from "node:test";
import type { Seen, Session } from "@endstation/core";
import { testSession } from "../store/session-testing.ts";
import { eventsOf, newestOf, outdatedOf } from "./sightings.ts";

const session: Session = { ...testSession({ kind: "batch", endpoints: [] }), attempt: 2, handle: "two" };

function seen(attempt: number, handle: string, state: "running" | "gone" = "running"): Seen {
  const observation = state === "gone" ? { state, exitCode: 1, cause: null } : { state };
  return { sessionId: session.id, attempt, handle, observation };
}

test("R31 of a session that was begun anew the newest attempt counts; that only an earlier one is known says it is gone", () => {
  const [one, two] = [seen(1, "one", "gone"), seen(2, "two")];
  assert.equal(newestOf(session, [one, two]), two);
  assert.equal(newestOf(session, [one]), undefined);
  const [event] = eventsOf(session, newestOf(session, [one]), 5);
  assert.equal(event?.type === "observed" && event.observation.state, "nothing");
  assert.deepEqual(
    eventsOf(session, newestOf(session, [seen(3, "two")]), 5).map(({ type }) => type),
    ["requeued", "observed"],
  );
});

test("R31 an earlier attempt that runs after all is wanted by nobody, unless it is the present one by its handle", () => {
  const one = seen(1, "one");
  assert.deepEqual(outdatedOf(session, [one, seen(2, "two")]), [one]);
  assert.deepEqual(outdatedOf(session, [seen(1, "two")]), []);
});
