import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Frame } from "../viewing.ts";
import { playedKernel } from "./kernel.ts";
import { decodeMessage, encodeMessage } from "./kernel-messages.ts";
import { emptyRoom, watchRoom } from "./rooms.ts";
import { rawMessage, tellMeAll } from "./sync.ts";
import { commonPath, encoded, targetOf } from "./targets.ts";

const binary = (...bytes: number[]): Frame => ({ data: Buffer.from(bytes), isBinary: true });
const anyFrame = fc.record({
  data: fc
    .oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.tuple(fc.nat(4), fc.nat(4), fc.uint8Array({ maxLength: 40 })).map(([a, b, rest]) => [a, b, ...rest]),
    )
    .map((bytes) => Buffer.from(bytes)),
  isBinary: fc.boolean(),
});

test("R82 of whatever a viewer says in a room nothing goes in but one constant, at most once a second", () => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 50 }), (frames) => {
      let now = 0;
      const room = watchRoom("/room", () => now);
      const sent = frames.flatMap((frame) => {
        now += 100;
        return (room.fromViewer(frame).inside ?? []).map((one) => ({ at: now, one }));
      });
      assert.ok(sent.every(({ one }) => one.data.equals(tellMeAll) && one.isBinary));
      assert.ok(sent.every(({ at }, n) => n === 0 || at - (sent[n - 1]?.at ?? 0) >= 1_000));
    }),
    { numRuns: 2_000 },
  );
});

test("what the room says reaches the viewer as it is; her presence comes back to her, saving is answered as skipped", () => {
  const room = watchRoom("/room");
  const said = binary(0, 2, 1, 9);
  assert.deepEqual(room.fromInside?.(said), { viewer: [said] });
  for (const watching of [room, emptyRoom()]) {
    assert.deepEqual(watching.fromViewer(binary(1, 3, 7, 8, 9)).viewer, [binary(1, 3, 7, 8, 9)]);
    const skipped = rawMessage({ type: "save", responseTo: 300, status: "skipped" });
    const save = binary(2, 4, ...Buffer.from("save"), 172, 2);
    assert.deepEqual(watching.fromViewer(save), { viewer: [{ data: skipped, isBinary: true }] });
  }
  assert.deepEqual(room.fromViewer(binary(0, 0, 1, 0)).inside, [{ data: tellMeAll, isBinary: true }]);
  assert.deepEqual(room.fromViewer(binary(0, 0, 1, 0)), {}, "not again in the same second");
});

test("the played kernel answers what is asked, runs nothing, and is the other end itself", () => {
  const kernel = playedKernel({ name: "python" });
  assert.equal(kernel.inside, null);
  const ask = (msg_type: string) => {
    const header = { msg_id: "m", session: "s", msg_type };
    const data = encodeMessage({ channel: "shell", header, parent: {}, content: { code: "1" } });
    return (kernel.fromViewer({ data, isBinary: true }).viewer ?? []).map(({ data: one }) =>
      decodeMessage(one),
    );
  };
  const [busy, info, idle] = ask("kernel_info_request");
  assert.deepEqual(
    [busy?.content, idle?.content],
    [{ execution_state: "busy" }, { execution_state: "idle" }],
  );
  assert.deepEqual([info?.channel, info?.header["msg_type"]], ["shell", "kernel_info_reply"]);
  assert.equal(info?.parent["msg_id"], "m");
  assert.equal(ask("execute_request")[1]?.content["status"], "error");
  fc.assert(fc.property(anyFrame, (frame) => void kernel.fromViewer(frame)));
});

test("targets: encoded tricks name nothing, what is common is asked in our spelling and without their query", () => {
  for (const bad of [
    "/static/%2e%2e/x",
    "/static//x",
    "/doc/tree/a%2fb",
    "/doc/tree/%5cx",
    "/doc/tree/%00",
    "/%zz",
  ])
    assert.equal(targetOf(bad), null, bad);
  const common = (target: string) => {
    const found = targetOf(target);
    return found === null ? null : commonPath(found);
  };
  assert.equal(common("/static/lab/main.js?v=0ab1&x=2"), "/static/lab/main.js?v=0ab1");
  assert.equal(
    common("/lab/api/settings/@jupyterlab/docmanager-extension:plugin?1"),
    "/lab/api/settings/%40jupyterlab/docmanager-extension%3Aplugin",
  );
  for (const other of [
    "/api/contents/x",
    "/files/x",
    "/lab/api/workspaces",
    "/api/kernelspecs/x",
    "/api/kernels",
  ])
    assert.equal(common(other), null, other);
  assert.equal(encoded("a b/ü?.ipynb"), "a%20b/%C3%BC%3F.ipynb");
});
