import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "../../gateway/testing/browser.ts";
import { launcherFiles, launcherZip } from "../launcher-files.ts";
import { certificateIn } from "./certificate.ts";
import type { Attempt } from "./index.ts";
import { ask, dial, launcher, type Place, startSession, withPlace } from "./testing/place.ts";

test("it ends as its child does: with the status, or 128 and the signal; nothing of it is left", () =>
  withPlace(async (place) => {
    const one = await startSession(place, "folder");
    const open = await dial(place.tunnels, one.of);
    assert.equal(privateFolders(place).length, 1);
    (await dial(place.tunnels, one.of)).end("end 7\n");
    assert.equal(await one.launched.ended(), 7);
    assert.equal(await ended(open), true, "the tunnel ends with the child");
    const other = await startSession(place, "folder");
    process.kill(await pidOf(place, other.of), "SIGKILL");
    assert.equal(await other.launched.ended(), 137);
    assert.deepEqual(privateFolders(place), []);
  }));

test("SIGTERM is passed on; a child that does not hear it is killed", () =>
  withPlace(async (place) => {
    const polite = await startSession(place, "folder");
    polite.launched.process.kill("SIGTERM");
    assert.equal(await polite.launched.ended(), 33);
    const stubborn = await startSession(place, "folder");
    assert.equal(await ask(place.tunnels, stubborn.of, "stubborn"), "yes");
    stubborn.launched.process.kill("SIGTERM");
    assert.equal(await stubborn.launched.ended(), 137);
  }));

test("batch has the way to the portal, and no endpoint", () =>
  withPlace(
    async (place) => {
      const of = place.attempt();
      const script = join(place.folder, "job.py");
      writeFileSync(
        script,
        `import os, socket, sys
assert not any(word.startswith("--listen-fd") for word in sys.argv)
outward = socket.socket(socket.AF_UNIX)
while True:
    outward.connect(os.environ["ENDSTATION_PORTAL_SOCKET"])
    outward.sendall(b"done")
    outward.shutdown(socket.SHUT_WR)
    if outward.recv(10) == b"heard":
        sys.exit(5)
    outward = socket.socket(socket.AF_UNIX)
`,
      );
      const folder = await place.layDown(of, "folder", { kind: "batch" });
      assert.equal(await place.start(folder, ["--wrap", JSON.stringify(["python3", script])]).ended(), 5);
    },
    { onPortal: (_, connection) => void connection.resume().once("end", () => connection.end("heard")) },
  ));

test("it gives its key to no portal that has another certificate", () =>
  withPlace(async (place) => {
    const of = place.attempt();
    const { certificate } = await certificateIn(join(place.folder, "other"), "127.0.0.1");
    const launched = place.start(await place.layDown(of, "network", { ticket: { certificate } }));
    await until(() => launched.said().includes("certificate verify failed"));
    await assert.rejects(place.tunnels.dial(of, "jupyter", new AbortController().signal), {
      name: "Unavailable",
    });
    const { key } = JSON.parse(await place.tunnels.ticket(of, "network"));
    assert.ok(!launched.said().includes(key));
  }));

test("one file runs as the folder does, and is the same bytes each time", () =>
  withPlace(async (place) => {
    const of = place.attempt();
    const file = join(place.folder, "launcher.pyz");
    const bytes = launcherZip(launcherFiles(launcher));
    assert.deepEqual(launcherZip(launcherFiles(launcher)), bytes);
    writeFileSync(file, bytes);
    place.start(await place.layDown(of, "folder"), undefined, { program: file });
    assert.equal(await ask(place.tunnels, of, "echo"), "");
  }));

function privateFolders({ folder }: Place): string[] {
  return readdirSync(folder).filter((name) => name.startsWith("endstation-"));
}

async function pidOf(place: Place, of: Attempt) {
  return (JSON.parse(await ask(place.tunnels, of, "tell")) as { pid: number }).pid;
}

async function ended(stream: Awaited<ReturnType<typeof dial>>): Promise<boolean> {
  await stream.toArray().catch(() => {});
  return stream.readableEnded || stream.destroyed;
}
