import assert from "node:assert/strict";
import { chmod, cp, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Hdf5Question } from "@endstation/core";
import { demonstrationFacility, temporaryFolder, testHdf5Service } from "../testing/archive.ts";
import type { Hdf5Options, RunningHdf5Service } from "./service.ts";

const never = new AbortController().signal;
const archive = dirname(await demonstrationFacility());
const folder = join(archive, "ipns-2001-mgb2/lrmecs-3701-mgb2-8k");

function question(more: Partial<Hdf5Question> = {}): Hdf5Question {
  return {
    ...{ call: "meta", file: "chopper.nxs", path: "/", resolveLinks: "only_valid", attributes: null },
    ...{ format: "json", dtype: "origin", flatten: false, selection: null },
    ...more,
  };
}

async function withService(
  more: Partial<Hdf5Options>,
  run: (service: RunningHdf5Service) => Promise<void>,
): Promise<void> {
  const service = await testHdf5Service(more);
  try {
    await run(service);
  } finally {
    service.close();
  }
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries += 1) {
    assert.ok(tries < 600, `waited in vain for: ${what}`);
    await sleep(100);
  }
}

/** A program in place of Node that answers, but does what it is told to for a file named `wicked`. */
async function wicked(deed: string): Promise<string> {
  const place = await temporaryFolder("wicked");
  const script = `#!/bin/sh
case "$*" in *worker/main.js*) cat >/dev/null; echo '{"ready":true}'; exit 0 ;; esac
read -r start; echo '{"ready":true}'
while read -r question; do
  case "$question" in *wicked*) ${deed} ;; esac
  printf '{"type":"application/json","name":null,"length":2,"last":false}\\n{}'
done
`;
  await writeFile(join(place, "node"), script, { mode: 0o755 });
  return join(place, "node");
}

test("R68 questions at once about one dataset share its processes; other rights have their own", () =>
  withService({}, async (service) => {
    const ask = (rights: string) => service.ask({ folder, rights }, question(), never);
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask("open")));
    assert.equal(new Set(answers.map(({ bytes }) => String(bytes))).size, 1);
    assert.ok(service.processes() <= 2);
    const before = service.processes();
    await ask("member");
    assert.equal(service.processes(), before + 1);
  }));

test("R68 there are never more processes than may be, and everybody is answered", () =>
  withService({ bounds: { processes: 2 } }, async (service) => {
    const root = await temporaryFolder("many");
    const asked = Array.from({ length: 5 }, async (_, number) => {
      const own = join(root, String(number));
      await mkdir(own, { mode: 0o755 });
      await cp(join(folder, "chopper.nxs"), join(own, "chopper.nxs"));
      await service.ask({ folder: own, rights: "open" }, question(), never);
      assert.ok(service.processes() <= 2);
    });
    await Promise.all(asked);
  }));

test("idle processes end by themselves, and the next question starts one again", () =>
  withService({ bounds: { idle: 200 } }, async (service) => {
    await service.ask({ folder, rights: "open" }, question(), never);
    await until("no process is left", () => service.processes() === 0);
    await service.ask({ folder, rights: "open" }, question(), never);
  }));

for (const [what, deed, said] of [
  ["hangs", "sleep 600", /more than 1.5 s/],
  ["crashes", "kill -SEGV $$", /crash/],
  ["ends", "exit 3", /crash/],
  ["writes no JSON", "echo hello", /not of the form/],
  [
    "says that it has more than may be",
    `printf '{"type":"text/csv","name":null,"length":99999999999,"last":false}\\n'`,
    /not of the form/,
  ],
  [
    "answers as HTML",
    `printf '{"type":"text/html","name":null,"length":2,"last":false}\\n{}'`,
    /not of the form/,
  ],
  ["never ends a line", "exec tr '\\\\0' x </dev/zero", /not of the form|crash/],
] as const)
  test(`a process that ${what} is replaced: its question has a code, others are answered`, async () => {
    const place = await temporaryFolder("data");
    await chmod(place, 0o755);
    await withService(
      { node: await wicked(deed), bounds: { perQuestion: 1500, perDataset: 1 } },
      async (service) => {
        const at = { folder: place, rights: "open" };
        const sound = () => service.ask(at, question({ file: "sound.h5" }), never);
        await sound();
        const [first, second, third] = await Promise.allSettled([
          service.ask(at, question({ file: "wicked.h5" }), never),
          sound(),
          sound(),
        ]);
        assert.ok(
          first?.status === "rejected" && first.reason.code === "file-unreadable",
          JSON.stringify(first),
        );
        assert.match(first.reason.detail, said);
        assert.deepEqual([second?.status, third?.status], ["fulfilled", "fulfilled"]);
      },
    );
  });

test("a question that nobody waits for any more leaves the queue", async () => {
  const node = await wicked("sleep 1");
  await withService({ node, bounds: { perQuestion: 60_000, perDataset: 1 } }, async (service) => {
    const at = { folder: await temporaryFolder("data"), rights: "open" };
    const gone = new AbortController();
    const first = service.ask(at, question({ file: "wicked.h5" }), never);
    const second = service.ask(at, question({ file: "other.h5" }), gone.signal);
    setTimeout(() => gone.abort(), 100);
    await assert.rejects(second, { name: "Unavailable" });
    await first;
  });
});
