import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../packages/server/src/gateway/testing/browser.ts";
import { type Scene, withScene } from "../../packages/server/src/gateway/testing/terminal-scene.ts";
import { frames, requests } from "./lines.ts";
import { messages } from "./mutate.ts";
import type { Line, Message, Sender } from "./protocol.ts";

/** What a terminal's page says, and what a person might wish to say in its place. */
const said = [
  { type: "input", text: "touch ~/by-viewer\n" },
  { type: "input", text: "kept=changed\n" },
  { type: "input", text: "\u0003" },
  { type: "bytes", base64: Buffer.from("echo > ~/file\n").toString("base64") },
  { type: "size", columns: 33, rows: 11 },
  { type: "shown", offset: 1_000_000_000 },
];
const recorded: readonly Message[] = said.map((one) => ({
  ...{ kind: "frame", isBinary: false },
  data: Buffer.from(JSON.stringify(one)),
}));
const asked: readonly Message[] = ["/", "/look", "/status", "/shell/type", "/shell/look", "/main.mjs"].map(
  (path) => ({ kind: "request", method: "POST", path, body: JSON.stringify(said[0]) }),
);

const isFull = process.env["ENDSTATION_FULL"] !== undefined;
const count = Number(process.env["FUZZ_MESSAGES"] ?? (isFull ? 10_000 : 600));
const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 1_000_000);

/** The shell's own names that change with every command. */
const passing = "^(_|BASH|LINENO|RANDOM|SECONDS|SRANDOM|EPOCH|PIPESTATUS|HISTCMD)";
const facts = `set | grep -vE '${passing}'; ls -lA --full-time ~; cat ~/file; stty -a; jobs`;

/** Variables, files, window and jobs as the shell has them, and all that runs in it. */
async function stateOf({ owner, run, terminal }: Scene, n: number) {
  const before = owner.screen().length;
  const found = new RegExp(`state-${n} ([0-9a-f]{64})`);
  await run(`echo state-${n} $({ ${facts}; } | sha256sum)`, "\r\n");
  await until(() => found.test(owner.screen().slice(before)));
  return { digest: found.exec(owner.screen().slice(before))?.[1], processes: terminal.processes() };
}

async function say(line: Line, what: readonly Message[], many: number): Promise<void> {
  for (const message of messages(what, many, seed)) await line.send(message);
  await line.close();
}

const linesOf = ({ house, ways }: Scene, sender: Sender) =>
  frames(house.port, ways[sender], sender === "viewer" ? "/shell/look" : "/shell/type");

test("R82 whatever a viewer says by the protocol “terminal”, nothing in the session is another", () =>
  withScene(async (scene) => {
    const { house, owner, run, ways } = scene;
    await run("kept=42; echo kept > ~/file; echo do''ne", "done\r\n");
    const before = await stateOf(scene, 1);
    const screen = owner.screen();
    await say(linesOf(scene, "viewer"), recorded, count);
    const { cookie, origin } = ways.viewer;
    await say(requests(house.port, ways.viewer, { cookie, origin }), asked, Math.ceil(count / 10));
    assert.equal(owner.screen(), screen, `nothing came on the owner's screen (FUZZ_SEED=${seed})`);
    assert.deepEqual(await stateOf(scene, 2), before, `FUZZ_SEED=${seed}`);
    await run("echo the owner goes o''n", "the owner goes on\r\n");
    console.log(`figure: ${count} messages of a viewer by “terminal”, 0 changes (FUZZ_SEED=${seed})`);
  }));

test("the same messages, piped as a member's are, do change it: “terminal”", () =>
  withScene(async (scene) => {
    await scene.run("kept=42; echo kept > ~/file; echo do''ne", "done\r\n");
    const before = await stateOf(scene, 1);
    await say(linesOf(scene, "member"), recorded, recorded.length);
    assert.notDeepEqual(await stateOf(scene, 2), before);
  }));
