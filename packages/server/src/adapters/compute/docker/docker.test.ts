import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type LaunchSpec, type Observation, Rejected, type Sighting, Unavailable } from "@endstation/core";
import { never } from "@endstation/core/testing";
import { engine } from "../../../testing/engines.ts";
import { ask } from "../../../testing/jupyter.ts";
import { placesOf } from "../../../testing/places.ts";
import type { Provider } from "../../../transports/provider.ts";
import { createTestRegistry, type TestRegistryOptions } from "./registry.testing.ts";
import { createDockerSubject, type DockerSubject, listOf, nexusOf } from "./subject.testing.ts";

/** What the contract does not say: images that are not there yet, what a machine's folders become, who sees whom. */
const found = engine("docker");

describe("docker, beyond the contract", { skip: "reason" in found ? found.reason : false }, () => {
  if ("reason" in found) return;
  const { settings } = found;
  const nexus = nexusOf(settings);
  let subject: DockerSubject;
  before(async () => {
    subject = await createDockerSubject(settings, { source: { image: nexus } });
  });
  after(() => subject.close());

  /** Launches a session of an image that must be pulled first, and ends it whatever happens. */
  async function withPull(
    options: Omit<TestRegistryOptions, "on">,
    body: (given: {
      readonly spec: LaunchSpec;
      readonly registry: Awaited<ReturnType<typeof createTestRegistry>>;
    }) => Promise<void>,
  ): Promise<void> {
    const registry = await createTestRegistry({ on: nexus, ...options });
    const spec = await subject.spec({ source: { image: registry.image } });
    try {
      await body({ spec, registry });
    } finally {
      await subject.provider.terminate({ sessionId: spec.sessionId, handle: null }, never);
      await subject.operator.call("DELETE", `/images/${registry.image}?force=1`).catch(() => {});
      await registry.close();
    }
  }

  test("R24 a launch answers before its image is there; the session says how far that is, and then runs", () =>
    withPull({ layerMiB: 8, takes: 6_000 }, async ({ spec }) => {
      const stop = new AbortController();
      const told: Observation[] = [];
      const watching = collect(subject.provider, stop.signal, spec, told);
      const { handle } = await subject.provider.launch(spec, never);
      assert.equal((await seen(subject.provider, spec))?.state, "queued");
      await until(async () => told.at(-1)?.state === "running");
      stop.abort();
      await watching;
      const shares = told.flatMap((one) => {
        const share =
          one.state === "queued" ? /^pulling image: (\d+) %$/.exec(one.waiting?.reason ?? "")?.[1] : null;
        return share == null ? [] : [Number(share)];
      });
      assert.ok(
        shares.length >= 3 && shares.every((share, at) => share >= (shares[at - 1] ?? 0)),
        String(shares),
      );
      await answers(subject.provider, spec, handle);
    }));

  test("R24 what is called off while its image is pulled is gone, and nothing is pulled on", () =>
    withPull({ layerMiB: 8, takes: 120_000 }, async ({ spec, registry }) => {
      const { handle } = await subject.provider.launch(spec, never);
      await until(async () => /%/.test(reasonOf(await seen(subject.provider, spec))));
      await subject.provider.terminate({ sessionId: spec.sessionId, handle }, never);
      assert.equal(await seen(subject.provider, spec), null);
      await until(async () => registry.brokenOff() > 0);
      assert.equal((await subject.provider.launch(spec, never)).handle, handle, "a late launch");
      assert.equal(await seen(subject.provider, spec), null, "it was started again");
    }));

  test("R22 a portal that ends in the middle of a pull leaves a session that the next one starts", () =>
    withPull({ layerMiB: 8, takes: 3_000 }, async ({ spec: { source } }) => {
      const alone = await createDockerSubject(settings, { source });
      try {
        const spec = await alone.spec();
        const { handle } = await alone.provider.launch(spec, never);
        await until(async () => /%/.test(reasonOf(await seen(alone.provider, spec))));
        await alone.provider.close();
        const next = await alone.open();
        await until(async () => (await seen(next, spec))?.state === "running");
        await answers(next, spec, handle);
      } finally {
        await alone.close();
      }
    }));

  test("R22 an engine that dies in the middle of a pull begins it again", () =>
    withPull({ layerMiB: 8, takes: 4_000 }, async ({ spec }) => {
      await subject.provider.launch(spec, never);
      await until(async () => /%/.test(reasonOf(await seen(subject.provider, spec))));
      await subject.operator.script("kill", "dockerd");
      await subject.operator.script("revive");
      await until(async () => (await seen(subject.provider, spec))?.state === "running");
    }));

  test("two sessions of one image wait for one pull, and one that is called off does not take the other along", () =>
    withPull({ layerMiB: 8, takes: 3_000 }, async ({ spec }) => {
      const other = await subject.spec({ source: spec.source });
      await Promise.all([spec, other].map((one) => subject.provider.launch(one, never)));
      await subject.provider.terminate({ sessionId: other.sessionId, handle: null }, never);
      await until(async () => (await seen(subject.provider, spec))?.state === "running");
      assert.equal(await seen(subject.provider, other), null);
    }));

  test("a registry that does not answer is asked again, and after a time the session is refused", async () => {
    const provider = await subject.open({ pullWithinMinutes: 0.1 });
    const image = `127.0.0.1:1/endstation/nexus@sha256:${"1".repeat(64)}`;
    const spec = await subject.spec({ source: { image } });
    await provider.launch(spec, never);
    await until(async () => /cannot be pulled now.*refused/.test(reasonOf(await seen(provider, spec))));
    await until(async () => (await seen(provider, spec))?.state === "gone");
    for (const one of [provider, await subject.open()]) {
      const gone = await seen(one, spec);
      assert.ok(
        gone?.state === "gone" && gone.cause?.code === "environment-unavailable",
        JSON.stringify(gone),
      );
      assert.match(gone.cause.detail, /did not come in time.*refused/);
    }
  });

  test("R43 log-ins for a registry come from a file that only the portal can read, and are told to nobody", () =>
    withPull({ login: "robot:correct horse" }, async ({ spec, registry }) => {
      const credentialsFile = join(subject.folder, "registries.json");
      const host = registry.image.split("/")[0] ?? "";
      const auth = Buffer.from("robot:correct horse").toString("base64");
      writeFileSync(credentialsFile, JSON.stringify({ auths: { [host]: { auth } } }), { mode: 0o644 });
      for (const config of [{}, { credentialsFile }]) {
        const refused = await subject.spec({ source: spec.source });
        const provider = await subject.open(config);
        await provider.launch(refused, never);
        await until(async () => (await seen(provider, refused))?.state === "gone");
        const gone = await seen(provider, refused);
        assert.ok(
          gone?.state === "gone" && gone.cause?.code === "environment-unavailable",
          JSON.stringify(gone),
        );
        assert.ok(!gone.cause.detail.includes("horse") && !gone.cause.detail.includes(auth));
        await provider.close();
      }
      chmodSync(credentialsFile, 0o600);
      const provider = await subject.open({ credentialsFile });
      const { handle } = await provider.launch(spec, never);
      await until(async () => (await seen(provider, spec))?.state === "running");
      const readable = await subject.engine.readableOf?.(handle);
      assert.ok(!readable?.includes("horse") && !readable?.includes(auth));
    }));

  test("images are pulled beforehand, unless that is not wanted", () =>
    withPull({}, async ({ spec }) => {
      const isThere = () =>
        subject.operator.call("GET", `/images/${spec.source.image}/json`).then(
          () => true,
          () => false,
        );
      const quiet = await subject.open({ pullAtStart: false });
      assert.equal(await quiet.prepare?.(spec.source), false);
      assert.equal(await isThere(), false);
      assert.equal(await subject.provider.prepare?.(spec.source), true);
      assert.equal(await isThere(), true);
      const none = { image: `127.0.0.1:1/none@sha256:${"2".repeat(64)}` };
      assert.equal(await subject.provider.prepare?.(none), false);
    }));

  test("R21 R22 a session is reached while the engine is away", () =>
    running(subject, async (spec, handle) => {
      await subject.operator.script("kill", "dockerd");
      try {
        await answers(subject.provider, spec, handle);
        await assert.rejects(listOf(subject.provider), Unavailable);
        await assert.rejects(subject.provider.offers({ ...spec, folders: [] }, never), Unavailable);
      } finally {
        await subject.operator.script("revive");
      }
      assert.equal((await seen(subject.provider, spec))?.state, "running");
    }));

  test("R22 what an engine that was killed in the middle of a start has lost does not run beside its successor", () =>
    running(subject, async (spec, handle) => {
      const { Id } = (await subject.operator.call("GET", `/containers/${handle}/json`)) as { Id: string };
      const { DockerRootDir } = (await subject.operator.call("GET", "/info")) as { DockerRootDir: string };
      const file = join(DockerRootDir, "containers", Id, "config.v2.json");
      await subject.operator.script("kill", "dockerd");
      // As if it had died between the start of its processes and writing that down.
      const written = JSON.parse(readFileSync(file, "utf8")) as { State: object };
      const State = { ...written.State, Running: false, Pid: 0, StartedAt: "0001-01-01T00:00:00Z" };
      writeFileSync(file, JSON.stringify({ ...written, State }));
      rmSync(join(subject.stateFolder, "sessions", handle, "started"));
      await subject.operator.script("revive");
      assert.equal(placesOf(spec.sessionId), 1, "nothing was lost");
      assert.equal(await seen(subject.provider, spec), null);
      assert.equal((await subject.provider.launch(spec, never)).handle, handle);
      assert.equal((await seen(subject.provider, spec))?.state, "running");
      assert.equal(placesOf(spec.sessionId), 1, "it runs twice");
    }));

  test("R23 two portals on one engine do not see each other's sessions, and cannot end them", async () => {
    const other = await createDockerSubject(settings, { source: { image: nexus } });
    try {
      await running(subject, async (spec, handle) => {
        assert.equal(await seen(other.provider, spec), null);
        await other.provider.terminate({ sessionId: spec.sessionId, handle }, never);
        await other.provider.terminate({ sessionId: spec.sessionId, handle: null }, never);
        assert.equal(await other.provider.logs?.({ sessionId: spec.sessionId, handle }, 1000, never), "");
        assert.equal((await seen(subject.provider, spec))?.state, "running");
      });
    } finally {
      await other.close();
    }
  });

  test("R23 what is below /etc, /root and /var/log is the image's, and none of the machine's", () =>
    running(subject, async (spec, handle) => {
      const own = ["/etc/passwd", "/etc/shadow", "/etc/machine-id", "/etc/hostname", "/root/.bashrc"].filter(
        existsSync,
      );
      const target = { sessionId: spec.sessionId, handle };
      const printed = await subject.run?.(
        subject.provider,
        target,
        `
import json, os
def read(path):
    try:
        return open(path).read()
    except OSError:
        return ""
print(json.dumps({path: read(path) for path in ${JSON.stringify(own)}}))`,
      );
      const inside = JSON.parse(printed ?? "") as Record<string, string>;
      for (const [path, text] of Object.entries(inside))
        assert.ok(text === "" || text !== readFileSync(path, "utf8"), `${path} is the machine's`);
      assert.ok(own.length >= 2);
    }));

  test("a folder of this machine is an environment, mounted into the base image", async (t) => {
    const image = (await subject.operator.call("GET", `/images/${nexus}/json`)) as {
      Config: { Labels: Readonly<Record<string, string>> };
    };
    const path = image.Config.Labels["org.endstation.environment.path"] ?? "";
    if (!existsSync(path))
      return t.skip(`${path}, of which the image was made, is not on this machine any more`);
    const provider = await subject.open({ baseImage: nexus });
    assert.deepEqual(provider.capabilities.sources, ["image", "path"]);
    const changes = { source: { path } };
    await running(
      { ...subject, provider },
      async (spec, handle) => {
        const code = "import os, sys\nprint(os.stat(sys.prefix).st_ino)";
        const printed = await subject.run?.(provider, { sessionId: spec.sessionId, handle }, code);
        assert.equal(Number(printed), statSync(path).ino, "it is not the machine's folder");
      },
      changes,
    );
  });

  test("R20 a session that an operator pauses is suspended; one that is taken away is missing", () =>
    running(subject, async (spec, handle) => {
      const { call } = subject.operator;
      const stop = new AbortController();
      const told: Observation[] = [];
      const watching = collect(subject.provider, stop.signal, spec, told);
      await until(async () => told.at(-1)?.state === "running");
      await call("POST", `/containers/${handle}/pause`);
      await until(async () => told.at(-1)?.state === "suspended");
      await call("POST", `/containers/${handle}/unpause`);
      await until(async () => told.at(-1)?.state === "running");
      await call("DELETE", `/containers/${handle}?force=1`);
      await until(async () => told.at(-1)?.state === "nothing");
      stop.abort();
      await watching;
      assert.equal((await subject.provider.launch(spec, never)).handle, handle, "a late launch");
      assert.equal(await seen(subject.provider, spec), null, "it was started again");
    }));

  test("R32 what ended is kept for a time with its log, then tidied away with all that was written down of it", async () => {
    const spec = await subject.spec({ job: { script: "print('a trace')\n", arguments: [] } });
    const { handle } = await subject.provider.launch(spec, never);
    await until(async () => (await seen(subject.provider, spec))?.state === "gone");
    const folder = join(subject.stateFolder, "sessions", handle);
    const target = { sessionId: spec.sessionId, handle };
    const patient = await subject.open();
    await sleep(300);
    assert.match((await patient.logs?.(target, 1000, never)) ?? "", /a trace/);
    assert.ok(existsSync(folder));
    assert.ok(!existsSync(join(folder, "session/tunnel.json")), "its key is still there");
    await subject.open({ keepEndedHours: 1e-6 });
    await until(async () => !existsSync(folder));
    assert.equal(await seen(subject.provider, spec), null);
    await assert.rejects(subject.operator.call("GET", `/containers/${handle}/json`), /404/);
  });

  test("a program that writes without end keeps no more of its log than it may", async () => {
    const provider = await subject.open({ logMiB: 1 });
    const script = "for _ in range(60_000): print('x' * 99)\nprint('the end')\n";
    const spec = await subject.spec({ job: { script, arguments: [] } });
    const { handle } = await provider.launch(spec, never);
    await until(async () => (await seen(provider, spec))?.state === "gone");
    const log = (await provider.logs?.({ sessionId: spec.sessionId, handle }, 100_000_000, never)) ?? "";
    assert.ok(log.length > 100_000 && log.length < 1.2 * 1024 * 1024, `${log.length} bytes`);
    assert.match(log, /the end\n$/);
    const some = (await provider.logs?.({ sessionId: spec.sessionId, handle }, 250, never)) ?? "";
    assert.ok(some.endsWith("the end\n") && some.length <= 250 && some.startsWith("x".repeat(99)), some);
  });

  test("what cannot be mounted is refused with its code, and nothing stays", async () => {
    const codeOf = async (provider: Provider, spec: LaunchSpec) => {
      const error = await provider.launch(spec, never).then(
        () => null,
        (error: unknown) => error,
      );
      assert.ok(error instanceof Rejected, String(error));
      assert.equal(await seen(provider, spec), null);
      const folders = readdirSync(join(subject.stateFolder, "sessions"));
      assert.deepEqual(
        folders.filter((name) => name.includes(spec.sessionId)),
        [],
      );
      return error.refusal.code;
    };
    const spec = await subject.spec();
    const missing = { ...spec, mounts: [{ source: "/nonexistent", target: "/data/x", readOnly: true }] };
    assert.equal(await codeOf(subject.provider, missing), "dataset-unreadable");
    const elsewhere = await subject.open({ paths: [{ here: "/archive", there: "/net/archive" }] });
    assert.equal(await codeOf(elsewhere, spec), "data-unreachable");
    const root = { ...spec, posix: { uid: 0, gid: 0, groups: [] } };
    assert.equal(await codeOf(subject.provider, root), "launch-rejected");
  });

  test("R24 a full machine says so, and two starts do not take the last place", async () => {
    const provider = await subject.open({ maxMemoryMiB: 1_000 });
    const specs = await Promise.all([subject.spec(), subject.spec()]);
    const taken = (await listOf(subject.provider)).filter(
      ({ observation }) => observation.state === "running",
    );
    assert.deepEqual(taken, [], "an earlier test left a session");
    try {
      const outcomes = await Promise.allSettled(specs.map((spec) => provider.launch(spec, never)));
      const refused = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
      assert.deepEqual(
        refused.map((error: Rejected) => error.refusal.code),
        ["no-capacity"],
      );
      const [{ kind, flavour, source }] = specs as [LaunchSpec, LaunchSpec];
      await sleep(1_100);
      const offer = await provider.offers({ kind, flavour, source, folders: [] }, never);
      assert.equal(offer.fits ? "fits" : offer.code, "no-capacity");
    } finally {
      for (const { sessionId } of specs) await provider.terminate({ sessionId, handle: null }, never);
    }
  });

  test("a network that a facility allows is declared, and sessions have it", async () => {
    const provider = await subject.open({ network: "bridge" });
    assert.equal(provider.capabilities.network, "open");
    await running({ ...subject, provider }, async (spec, handle) => {
      const code = "import os\nprint(sorted(os.listdir('/sys/class/net')))";
      const printed = await subject.run?.(provider, { sessionId: spec.sessionId, handle }, code);
      assert.match(printed ?? "", /eth0/);
    });
  });

  test("R58 what is mounted below a dataset is not in the session, where it could be written", async () => {
    const spec = await subject.spec();
    const data = spec.mounts.find(({ readOnly }) => readOnly)?.source ?? "";
    mkdirSync(join(data, "below"), { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "none", join(data, "below")]);
    try {
      writeFileSync(join(data, "below/file"), "x");
      chmodSync(join(data, "below"), 0o777);
      const { handle } = await subject.provider.launch(spec, never);
      const code = `
import os
try:
    open("/data/sample/below/probe", "w")
    print("written")
except OSError as error:
    print(os.listdir("/data/sample/below"))`;
      const printed = await subject.run?.(subject.provider, { sessionId: spec.sessionId, handle }, code);
      assert.equal(printed?.trim(), "[]");
    } finally {
      await subject.provider.terminate({ sessionId: spec.sessionId, handle: null }, never);
      await until(async () => (await seen(subject.provider, spec))?.state === "gone");
      execFileSync("umount", ["-l", join(data, "below")]);
    }
  });
});

const patience = 90_000;

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + patience; !(await holds()); await sleep(100))
    assert.ok(Date.now() < end, `it did not happen within ${patience / 1000} s`);
}

/** What the full list has of a session; null: nothing. */
async function seen(provider: Provider, { sessionId }: LaunchSpec): Promise<Observation | null> {
  return (await listOf(provider)).find((one) => one.sessionId === sessionId)?.observation ?? null;
}

function reasonOf(observation: Observation | null): string {
  return observation?.state === "queued" ? (observation.waiting?.reason ?? "") : "";
}

async function collect(
  provider: Provider,
  signal: AbortSignal,
  { sessionId }: LaunchSpec,
  told: Observation[],
): Promise<void> {
  const of = (sighting: Sighting) =>
    sighting.type === "all"
      ? (sighting.seen.find((one) => one.sessionId === sessionId)?.observation ?? {
          state: "nothing" as const,
        })
      : sighting.seen.sessionId === sessionId
        ? sighting.seen.observation
        : null;
  for await (const sighting of provider.observe(signal)) {
    const observation = of(sighting);
    if (observation !== null) told.push(observation);
  }
}

async function answers(provider: Provider, { sessionId }: LaunchSpec, handle: string): Promise<void> {
  await until(async () => {
    const connection = await provider.dial({ sessionId, handle }, "jupyter", never).catch(() => null);
    return connection !== null && (await ask(connection, "/api/status")).status === 200;
  });
}

async function running(
  { provider, spec: specOf }: DockerSubject,
  body: (spec: LaunchSpec, handle: string) => Promise<void>,
  changes: Parameters<DockerSubject["spec"]>[0] = {},
): Promise<void> {
  const spec = await specOf(changes);
  try {
    const { handle } = await provider.launch(spec, never);
    await until(async () => (await seen(provider, spec))?.state === "running");
    await body(spec, handle);
  } finally {
    await provider.terminate({ sessionId: spec.sessionId, handle: null }, never);
    await until(async () => (await seen(provider, spec))?.state !== "running");
  }
}
