import assert from "node:assert/strict";
import { test } from "node:test";
import { builtEnvironment } from "../../packages/server/src/gateway/testing/jupyter.ts";
import { messages } from "./mutate.ts";
import type { Protocol, Sender, Stage, State } from "./protocol.ts";
import { kernel } from "./protocols/kernel.ts";
import { rest } from "./protocols/rest.ts";
import { room } from "./protocols/room.ts";
import { withStage } from "./stage.ts";

const protocols: readonly Protocol[] = [room, kernel, rest];

const environment = builtEnvironment();
const skip = environment === null && "no Python environment is built yet";
const isFull = process.env["ENDSTATION_FULL"] !== undefined;
const count = Number(process.env["FUZZ_MESSAGES"] ?? (isFull ? 10_000 : 600));
const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 1_000_000);

for (const protocol of protocols) {
  test(
    `R82 whatever a viewer says by the protocol “${protocol.name}”, nothing in the session is another`,
    { skip },
    () =>
      withStage(environment as string, async (stage) => {
        const before = await stage.state();
        await say(protocol, stage, "viewer", count);
        assert.deepEqual(await stage.state(), before, `FUZZ_SEED=${seed}`);
        await stage.ownerEdits("the owner goes on. ");
        console.log(
          `figure: ${count} messages of a viewer by “${protocol.name}”, 0 changes (FUZZ_SEED=${seed})`,
        );
      }),
  );

  test(`the same messages, piped as a member's are, do change it: “${protocol.name}”`, { skip }, () =>
    withStage(environment as string, async (stage) => {
      const before = await stage.state();
      await say(protocol, stage, "member", 60);
      assert.notDeepEqual(await settled(stage, before), before);
    }),
  );
}

async function say(protocol: Protocol, stage: Stage, sender: Sender, many: number): Promise<void> {
  const recorded = await protocol.recorded(stage);
  const line = await protocol.line(stage, sender);
  for (const message of messages(recorded, many, seed)) await line.send(message);
  await line.close();
  assert.ok(sender === "member" || !line.isOver(), "the viewer's line was open to the last");
}

/** A change may take a moment to be made. A session that does not even answer any more is another one too: null. */
async function settled(stage: Stage, before: State): Promise<State | null> {
  for (let n = 0; n < 50; n += 1) {
    const state = await stage.state().catch(() => null);
    if (JSON.stringify(state) !== JSON.stringify(before)) return state;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return before;
}
