import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ComputeProvider, LaunchSpec } from "../src/index.ts";
import {
  type ComputeSubject,
  computeProviderContract,
  createFakeBackend,
  createFakeComputeProvider,
  type EngineUnderTest,
  never,
} from "./index.ts";

type Provider = ComputeProvider<string>;

function specOf(sessionId = `s-${randomBytes(10).toString("hex")}`): LaunchSpec {
  return {
    sessionId,
    attempt: 1,
    kind: "jupyter",
    endpoints: ["jupyter"],
    posix: { uid: 1, gid: 1, groups: [] },
    source: { path: "/environment" },
    flavour: { name: "small", title: "Small", cpus: 1, memoryMiB: 512, processes: 64, gpus: 0 },
    mounts: [],
    document: {
      session: { id: sessionId, name: "x", kind: "jupyter", attempt: 1 },
      owner: { account: "pi", name: "Pi" },
      proposal: null,
      environment: "nexus",
      datasets: [],
      notebook: null,
      parameters: {},
      job: null,
    },
  };
}

function makeSubject(): ComputeSubject<string> & { readonly backend: ReturnType<typeof createFakeBackend> } {
  const backend = createFakeBackend();
  const open = () =>
    createFakeComputeProvider<string>({
      backend,
      now: Date.now,
      sleep: (milliseconds) => sleep(milliseconds),
      connect: (handle, endpoint) => `${endpoint} of ${handle}`,
      capabilities: { kinds: ["jupyter"] },
    });
  return {
    backend,
    provider: open(),
    open: async () => open(),
    spec: async ({ flavour, person: _, job: __, ...changes } = {}) => {
      const spec = specOf(changes.sessionId);
      return { ...spec, ...changes, flavour: { ...spec.flavour, ...flavour } };
    },
    sleep: (milliseconds) => sleep(milliseconds),
    now: Date.now,
    greet: async (connection) => connection,
    killFromOutside: async (handle) =>
      backend.set(handle, { state: "gone", exitCode: 137, cause: { code: "killed", detail: "by a test" } }),
    engine: engineOver(backend),
  };
}

function engineOver(backend: ReturnType<typeof createFakeBackend>): EngineUnderTest {
  const cause = { code: "out-of-memory", detail: "by a test" } as const;
  return {
    cut: async () => {
      backend.faults.unavailable = true;
      backend.forget("nobody");
    },
    mend: async () => {
      backend.faults.unavailable = false;
    },
    ends: [
      {
        what: "memory",
        code: "out-of-memory",
        bring: async (handle) => backend.set(handle, { state: "gone", exitCode: 137, cause }),
      },
    ],
    impossible: [
      { what: "too large", code: "too-large", changes: { flavour: { memoryMiB: 2 ** 30 } } },
      { what: "no source", code: "environment-unavailable", changes: { source: {} } },
    ],
  };
}

const subject = makeSubject();
/** It runs nothing, so there is nothing to isolate or to hold to a size. */
for (const { name, skip, run } of computeProviderContract<string>(subject))
  if (skip(subject) === null) test(`the fake keeps: ${name}`, () => run(subject));

test("the fake's faults: down, refusing, slow, losing answers", async () => {
  const { backend, open } = makeSubject();
  const provider = await open();
  backend.faults.unavailable = true;
  await assert.rejects(provider.launch(specOf(), never), { name: "Unavailable" });
  backend.faults.unavailable = false;
  backend.faults.refusal = { code: "no-capacity", detail: "full" };
  await assert.rejects(provider.launch(specOf(), never), { name: "Rejected" });
  backend.faults.refusal = null;
  backend.faults.loseAnswers = 1;
  const spec = specOf();
  await assert.rejects(provider.launch(spec, never), { name: "Unavailable" });
  assert.equal(backend.starts, 1);
  assert.equal((await provider.launch(spec, never)).handle, `${spec.sessionId}.1`);
  assert.equal(backend.starts, 1);
});

test("a contract that is broken is noticed: a provider that forgets, doubles, or keeps running", async () => {
  const cases = computeProviderContract<string>(makeSubject());
  const find = (part: string) => cases.find(({ name }) => name.includes(part));
  const subjectWith = (changes: (provider: Provider) => Partial<Provider>) => {
    const made = makeSubject();
    const provider = { ...made.provider, ...changes(made.provider) };
    return { ...made, provider, open: async () => provider };
  };
  const twice = subjectWith(() => ({
    launch: async (spec: LaunchSpec) => ({ handle: `${spec.sessionId}.${Math.random()}` }),
  }));
  const hurried = { sleep: async () => {}, now: skippingClock() };
  const deaf = { ...subjectWith(() => ({ terminate: async () => {} })), ...hurried };
  const mute = subjectWith(() => ({ dial: async () => "" }));
  await assert.rejects(find("six times at once")?.run(twice) ?? Promise.resolve());
  await assert.rejects(find("terminate ends it")?.run(deaf) ?? Promise.resolve(), /gone: not within/);
  await assert.rejects(find("dial reaches")?.run(mute) ?? Promise.resolve(), /said nothing/);
});

/** A clock that goes on by ten seconds whenever it is read. */
function skippingClock(): () => number {
  let now = 0;
  return () => {
    now += 10_000;
    return now;
  };
}
