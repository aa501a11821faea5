import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ProblemError, type Session, type SessionRequest } from "@endstation/api";
import { type InProcessPortal, startInProcess } from "./support/in-process.ts";
import { logIn, type Person } from "./support/person.ts";
import { until } from "./support/until.ts";

const environment = "nexus";
const script = "print('hello')\n";

let portal: InProcessPortal;
let pi: Person;

async function submit(job: SessionRequest["job"], more: Partial<SessionRequest> = {}): Promise<Session> {
  return pi.call("startSession", { body: { environment, job, ...more } });
}

async function refusalOf(asked: Promise<unknown>): Promise<{ code: string; paths: readonly string[] }> {
  const error = await asked.then(
    () => assert.fail("it was not refused"),
    (error: unknown) => error,
  );
  if (!(error instanceof ProblemError)) throw error;
  return { code: error.problem.code, paths: (error.problem.errors ?? []).map(({ path }) => path) };
}

function reached(id: string, phase: Session["phase"]): Promise<Session> {
  return until(`${id} to be ${phase}`, async () => {
    const session = await pi.call("getSession", { id });
    return session.phase === phase && session;
  });
}

async function datasetsOf(count: number): Promise<string[]> {
  const { items } = await pi.call("listDatasets", { limit: 200 });
  const readable = items.filter(({ access }) => access !== "embargoed").slice(0, count);
  assert.equal(readable.length, count);
  return readable.map(({ id }) => id);
}

describe("R31 batch sessions by the API", () => {
  before(async () => {
    portal = await startInProcess();
    pi = await logIn(portal.url, "pi");
  });
  after(() => portal?.close());

  test("R31 R53 a program runs to its end, whatever kind the environment usually is; its text is not shown", async () => {
    const session = await submit({ script, arguments: ["a"] });
    assert.equal(session.kind, "batch");
    assert.deepEqual(session.endpoints, []);
    assert.deepEqual(session.job, {
      notebook: null,
      arguments: ["a"],
      retries: 0,
      retried: 0,
      hasScript: true,
    });
    await reached(session.id, "running");
    portal.provider.end(session.id);
    const ended = await reached(session.id, "stopped");
    assert.deepEqual([ended.reason, ended.exitCode], ["completed", 0]);
  });

  test("R73 a notebook of the environment is a job, with its parameters", async () => {
    const job = { notebook: "look-at-a-file.ipynb" };
    const session = await submit(job, { parameters: { data_path: "/data" } });
    assert.deepEqual([session.job?.notebook, session.job?.hasScript], ["look-at-a-file.ipynb", false]);
    assert.deepEqual(session.parameters, { data_path: "/data" });
    await pi.call("stopSession", { id: session.id });
    await reached(session.id, "stopped");
  });

  test("R31 a request that is wrong is refused with the field that is", async () => {
    const both = { script, notebook: "look-at-a-file.ipynb" };
    for (const job of [{}, both])
      assert.deepEqual(await refusalOf(submit(job)), {
        ...{ code: "malformed-request", paths: ["body.job.script"] },
      });
    const long = { script: "#".repeat(256 * 1024 + 1) };
    assert.deepEqual((await refusalOf(submit(long))).paths, ["body.job.script"]);
    assert.deepEqual((await refusalOf(submit({ script, retries: 6 }))).paths, ["body.job.retries"]);
    assert.deepEqual((await refusalOf(submit({ script, over: "datasets" }))).paths, ["body.datasets"]);
    const two = submit({ script }, { notebook: "look-at-a-file.ipynb" });
    assert.deepEqual((await refusalOf(two)).paths, ["body.notebook"]);
    assert.equal((await refusalOf(submit({ notebook: "none.ipynb" }))).code, "notebook-unknown");
  });

  test("R31 what failed is begun anew as often as was asked for", async () => {
    const { id } = await submit({ script, retries: 1 });
    await reached(id, "running");
    portal.provider.end(id, { state: "gone", exitCode: 3, cause: null });
    await until("the second attempt", async () => portal.provider.asked.includes(`launch ${id} 2`));
    const second = await reached(id, "running");
    assert.deepEqual([second.job?.retried, second.exitCode], [1, 3]);
    assert.ok(second.stages.some(({ name }) => name === "requeued"));
    portal.provider.end(id, { state: "gone", exitCode: 4, cause: null });
    const failed = await reached(id, "failed");
    assert.deepEqual([failed.reason, failed.cause?.code, failed.exitCode], ["exit-code", "exit-code", 4]);
  });

  test("R31 R110 its owner is told when it failed, once, and nobody else; what she has read she is not told again", async () => {
    const { id, name } = await submit({ script });
    await reached(id, "running");
    portal.provider.end(id, { state: "gone", exitCode: 3, cause: null });
    const told = await until("the notice", async () => {
      const page = await pi.call("listNotices");
      return page.items.some((notice) => notice.session.id === id) && page;
    });
    const [newest] = told.items.filter((notice) => notice.session.id === id);
    assert.deepEqual([newest?.message, newest?.read, newest?.session.name], ["failed", false, name]);
    assert.equal(newest?.session.cause?.code, "exit-code");
    assert.ok(told.unread > 0);
    const other = await logIn(portal.url, "other");
    await other.call("readNotices", { body: { ids: told.items.map((notice) => notice.id) } });
    assert.equal((await pi.call("listNotices")).unread, told.unread);
    assert.deepEqual((await other.call("listNotices")).items, []);
    await pi.call("readNotices", { body: { ids: told.items.map((notice) => notice.id) } });
    assert.equal((await pi.call("listNotices")).unread, 0);
  });

  test("R31 a job over datasets is a session for each, made together, listed together, stopped together", async () => {
    const datasets = await datasetsOf(3);
    const body: SessionRequest = { environment, datasets, job: { script, over: "datasets" } };
    const options = { idempotencyKey: "array-of-three" };
    const first = await pi.call("startSession", { body }, options);
    assert.deepEqual(first.array, { id: first.id, index: 0, size: 3 });
    assert.equal((await pi.call("startSession", { body }, options)).id, first.id);
    const { items } = await pi.call("listSessions", { array: first.id });
    const inOrder = items.toSorted((a, b) => (a.array?.index ?? 0) - (b.array?.index ?? 0));
    assert.deepEqual(
      inOrder.map((session) => session.datasets),
      datasets.map((id) => [id]),
    );
    const [, second, third] = inOrder as [Session, Session, Session];
    await pi.call("stopSession", { id: second.id });
    await reached(second.id, "stopped");
    await reached(third.id, "running");
    await pi.call("stopSession", { id: third.id, array: "true" });
    for (const { id } of items) await reached(id, "stopped");
    const stranger = await logIn(portal.url, "industry");
    assert.deepEqual((await stranger.call("listSessions", { array: first.id })).items, []);
  });

  test("R50 batch sessions have a limit of their own: an array beyond it is refused whole, people's are not touched", async () => {
    const datasets = await datasetsOf(5);
    const over = { script, over: "datasets" } as const;
    const arrays: Session[] = [];
    while (arrays.length < 10) arrays.push(await submit(over, { datasets }));
    const usage = await pi.call("getUsage");
    assert.deepEqual([usage.liveBatch, usage.liveBatchLimit, usage.live], [50, 50, 0]);
    assert.equal((await refusalOf(submit({ script }))).code, "session-limit");
    const { id } = await pi.call("startSession", { body: { environment } });
    await pi.call("stopSession", { id });
    for (const array of arrays) await pi.call("stopSession", { id: array.id, array: "true" });
  });

  test("R73 what may be set of a notebook before it runs is told with its environment", async () => {
    const { notebooks } = await pi.call("getEnvironment", { id: environment });
    const [notebook] = notebooks;
    assert.deepEqual(notebook?.parameters[0], {
      ...{ name: "data_path", kind: "data", default: "/data", title: "Data", unit: null },
    });
  });
});
