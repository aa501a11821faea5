import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { LaunchSpec, Seen } from "@endstation/core";
import { never } from "@endstation/core/testing";
import { builtEnvironment } from "../../../testing/built-environment.ts";
import type { LocalProvider } from "./index.ts";
import { createLocalSubject } from "./subject.testing.ts";

const environment = builtEnvironment("nexus");
const skip =
  environment === null ? "the environment nexus is not built on this machine (npm start builds it)" : false;

describe("local batch", { skip }, async () => {
  const subject = await createLocalSubject(environment ?? "", { maxMemoryMiB: 800, maxCpus: 1 });
  after(() => subject.close());
  const { provider } = subject;

  async function listOf(asked: Provider): Promise<readonly Seen[]> {
    for await (const sighting of asked.observe(never)) return sighting.type === "all" ? sighting.seen : [];
    return [];
  }

  async function until(asked: Provider, spec: LaunchSpec, state: string): Promise<Seen["observation"]> {
    for (let attempt = 0; attempt < 600; attempt += 1) {
      const seen = (await listOf(asked)).find(({ sessionId }) => sessionId === spec.sessionId);
      if (seen?.observation.state === state) return seen.observation;
      await sleep(100);
    }
    return assert.fail(`it was never ${state}`);
  }

  type Provider = Pick<LocalProvider, "observe">;
  const waits = (seconds: number) => ({
    job: { script: `import time\ntime.sleep(${seconds})\n`, arguments: [] },
  });
  const reasonOf = (observation: Seen["observation"]) =>
    observation.state === "queued" ? observation.waiting.reason : observation.state;

  test("R31 a batch session that finds no room waits for its turn, through a restart of the portal, and then runs", async () => {
    const [first, second, third] = [
      await subject.spec(waits(600)),
      await subject.spec(waits(0)),
      await subject.spec(waits(600)),
    ];
    for (const spec of [first, second, third]) await provider.launch(spec, never);
    await until(provider, first, "running");
    assert.equal(reasonOf(await until(provider, second, "queued")), "the machine is full");
    assert.equal(
      reasonOf(await until(provider, third, "queued")),
      "1 batch session is ahead, the machine is full",
    );
    const offer = await provider.offers(
      { kind: "batch", flavour: first.flavour, source: first.source, folders: [] },
      never,
    );
    assert.deepEqual(offer, { fits: true, waitSeconds: 1800, free: 0 });
    const again = await subject.open({ maxMemoryMiB: 800, maxCpus: 1 });
    await provider.terminate({ sessionId: first.sessionId, handle: null }, never);
    assert.deepEqual(await until(again, second, "gone"), { state: "gone", exitCode: 0, cause: null });
    await until(again, third, "running");
    await again.terminate({ sessionId: third.sessionId, handle: null }, never);
    await until(again, third, "gone");
  });

  test("R31 one that waits is called off without ever having run", async () => {
    const [running, waiting] = [await subject.spec(waits(600)), await subject.spec(waits(600))];
    for (const spec of [running, waiting]) await provider.launch(spec, never);
    await until(provider, waiting, "queued");
    await provider.terminate({ sessionId: waiting.sessionId, handle: null }, never);
    assert.deepEqual(await until(provider, waiting, "gone"), { state: "gone", exitCode: null, cause: null });
    assert.deepEqual(readdirSync(join(subject.stateFolder, "sessions", `${waiting.sessionId}.1`)).sort(), [
      "end.json",
      "order.json",
      "stop",
    ]);
    await provider.terminate({ sessionId: running.sessionId, handle: null }, never);
    await until(provider, running, "gone");
  });

  async function notebookRun(parameters: LaunchSpec["document"]["parameters"]) {
    const plain = await subject.spec({ job: { script: null, arguments: [] } });
    const document = { ...plain.document, notebook: "look-at-a-file.ipynb", parameters };
    const spec = { ...plain, document };
    const { handle } = await provider.launch(spec, never);
    const end = await until(provider, spec, "gone");
    const log = await provider.logs?.({ sessionId: spec.sessionId, handle }, 100_000, never);
    const results = spec.mounts.find(({ target }) => target === "/results")?.source ?? "";
    const folder = join(results, "one/sample-look-at-a-file");
    const files = readdirSync(folder).filter((name) => name.endsWith(".ipynb"));
    return { end, log: log ?? "", kept: readFileSync(join(folder, files.at(-1) ?? ""), "utf8"), files };
  }

  test("R73 a notebook runs from its first cell to its last with its parameters; where a cell fails it is kept with the error", async () => {
    const { end, log, kept, files } = await notebookRun({ data_path: "/data/no-such-file.h5" });
    assert.deepEqual(end, { state: "gone", exitCode: 1, cause: null }, log);
    assert.match(log, /^cell 1 of \d+$/m);
    assert.match(files[0] ?? "", /^look-at-a-file-\d{4}-\d\d-\d\dT\d{6}Z\.ipynb$/);
    assert.match(kept, /data_path = '\/data\/no-such-file\.h5'/);
    assert.match(kept, /"output_type": "error"/);
  });
});
