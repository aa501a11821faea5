import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failedStage, timelineOf } from "../../src/parts/session/timeline.ts";
import { failed, queued, running, session, starting, stopped } from "../portal/fixtures/sessions.ts";

const short = (items: ReturnType<typeof timelineOf>) => items.map(({ name, state }) => `${name} ${state}`);

describe("timeline", () => {
  it("a beginning session shows what has been, what is, and what is to come", () => {
    assert.deepEqual(short(timelineOf(starting(), Date.now())), [
      "accepted done",
      "placed done",
      "starting current",
      "answering ahead",
    ]);
    assert.deepEqual(short(timelineOf(queued(), Date.now())), [
      "accepted done",
      "queued current",
      "placed ahead",
      "starting ahead",
      "answering ahead",
    ]);
  });

  it("a running one is there; a stopped one has nothing to come", () => {
    assert.equal(short(timelineOf(running(), Date.now())).at(-1), "answering current");
    assert.equal(short(timelineOf(stopped(), Date.now())).at(-1), "ended done");
  });

  it("a failure marks the stage it was in, not how it was wound up", () => {
    assert.deepEqual(short(timelineOf(failed(), Date.now())), [
      "accepted done",
      "placed done",
      "starting failed",
      "stopping done",
      "ended done",
    ]);
    assert.equal(failedStage(failed()), "starting");
    assert.equal(failedStage(running()), null);
  });

  it("a stage takes until the next one; the last takes until now, never less than nothing", () => {
    const stages = [
      { name: "accepted", at: "2026-11-25T10:00:00.000Z" },
      { name: "placed", at: "2026-11-25T10:00:00.400Z" },
    ];
    const items = timelineOf(session(1, "pending", { stages }), Date.parse("2026-11-25T10:00:03.400Z"));
    assert.deepEqual(
      items.map(({ took }) => took),
      [0.4, 3, null, null],
    );
    const early = timelineOf(session(1, "pending", { stages }), Date.parse("2026-11-25T09:59:00Z"));
    assert.equal(early[1]?.took, 0);
  });

  it("a session without endpoints does not wait for an answer", () => {
    const items = timelineOf(session(1, "pending", { endpoints: [] }), Date.now());
    assert.equal(items.at(-1)?.name, "starting");
  });
});
