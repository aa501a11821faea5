import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { LaunchSpec, Seen } from "@endstation/core";
import { never } from "@endstation/core/testing";
import { builtEnvironment } from "../../../testing/built-environment.ts";
import { findCgroups, parentsOf } from "./cgroups.ts";
import { makeFolders, partsOf } from "./folders.ts";
import type { LocalProvider } from "./index.ts";
import { createLocalSubject, type LocalSubject } from "./subject.testing.ts";

const environment = builtEnvironment("nexus");
const skip =
  environment === null ? "the environment nexus is not built on this machine (npm start builds it)" : false;
const rounds = Number(process.env["ENDSTATION_CRASHES"] ?? 8);
const together = 3;

test(`R22 a portal killed ${rounds} times while it starts and ends sessions loses none, doubles none, leaves nothing`, {
  skip,
}, async (t) => {
  const subject = await createLocalSubject(environment ?? "");
  t.after(() => subject.close());
  for (let round = 0; round < rounds; round += 1) {
    const specs = await Promise.all(Array.from({ length: together }, () => subject.spec()));
    await portalKilledAfter((1500 * round) / rounds, subject, specs);
    const provider = await subject.open();
    await eachIsThereOnce(provider, specs);
    await endAll(provider, specs);
    provider.close();
  }
  assert.deepEqual(await leftOf(subject), []);
});

async function portalKilledAfter(
  milliseconds: number,
  { folder, stateFolder, runFolder }: LocalSubject,
  specs: readonly LaunchSpec[],
): Promise<void> {
  const file = join(folder, "portal.json");
  writeFileSync(file, JSON.stringify({ stateFolder, runFolder, specs }));
  const script = join(import.meta.dirname, "crash.testing.ts");
  const portal = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(portal.stdout, "data");
  await sleep(milliseconds);
  portal.kill("SIGKILL");
  await once(portal, "exit");
}

/** Asked again, as the runner does for a launch whose answer it never got. */
async function eachIsThereOnce(provider: LocalProvider, specs: readonly LaunchSpec[]): Promise<void> {
  for (const spec of specs)
    assert.equal((await provider.launch(spec, never)).handle, `${spec.sessionId}.${spec.attempt}`);
  const seen = await listOf(provider);
  for (const { sessionId } of specs) {
    const found = seen.filter((one) => one.sessionId === sessionId);
    assert.equal(found.length, 1, `${sessionId} is listed ${found.length} times`);
  }
}

async function endAll(provider: LocalProvider, specs: readonly LaunchSpec[]): Promise<void> {
  for (const { sessionId } of specs) await provider.terminate({ sessionId, handle: null }, never);
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if ((await listOf(provider)).every(({ observation }) => observation.state === "gone")) return;
    await sleep(100);
  }
  assert.fail("not every session ended");
}

async function listOf(provider: LocalProvider): Promise<readonly Seen[]> {
  for await (const sighting of provider.observe(never)) return sighting.type === "all" ? sighting.seen : [];
  return [];
}

/** Processes, sockets and control groups that should not be there any more. */
async function leftOf({ stateFolder, runFolder }: LocalSubject): Promise<string[]> {
  await sleep(500);
  const { stdout } = await promisify(execFile)("ps", ["-eo", "stat,args"]);
  const lines = stdout.split("\n").filter((line) => !line.startsWith("Z"));
  const { digest } = makeFolders(stateFolder, runFolder);
  const groups = parentsOf(findCgroups(`endstation-${digest}`)).flatMap((folder) =>
    existsSync(folder) ? readdirSync(folder).filter((name) => partsOf(name) !== null) : [],
  );
  return [
    ...lines.filter((line) => line.includes(stateFolder) || line.includes(runFolder)),
    ...readdirSync(runFolder).filter((name) => partsOf(name) !== null),
    ...readdirSync(join(runFolder, "prepared")),
    ...readdirSync(join(stateFolder, "sessions")).filter((name) => name.startsWith(".")),
    ...groups,
  ];
}
