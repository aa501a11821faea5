import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { isEnded, type LogEntry, runningIntervals, type Session } from "@endstation/core";
import type { Database } from "../store/database.ts";
import { numberHints } from "../store/hints.ts";
import { createSessionStore } from "../store/session-store.ts";
import { withDatabase } from "../store/testing.ts";
import { usageOf } from "../store/usage.ts";
import { chance } from "./testing/chance.ts";
import { isBatch } from "./testing/kinds.ts";
import { worldTables } from "./testing/world-provider.ts";

const seed = Number(process.env["FAULTS_SEED"] ?? Date.now() % 1_000_000);
const starts = Number(process.env["FAULTS_STARTS"] ?? 40);
const leastKills = Math.ceil(starts / 5);
const child = join(import.meta.dirname, "testing/fault-child.ts");

/** A portal that is killed and started again at random moments; what it was told and did not answer is told again. */
class MortalPortal {
  kills = 0;
  readonly #start: () => ChildProcess;
  readonly #random: () => number;
  readonly #unanswered = new Map<string, () => void>();
  #process: ChildProcess | null = null;
  #isImmortal = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(start: () => ChildProcess, random: () => number) {
    this.#start = start;
    this.#random = random;
  }

  live(): void {
    const process = this.#start();
    this.#process = process;
    this.#ended = new Promise((resolve) => process.once("exit", () => resolve()));
    createInterface({ input: process.stdout as NodeJS.ReadableStream }).on("line", (line) =>
      this.#heard(line),
    );
    process.stdin?.on("error", () => {});
  }

  /** Resolves when the portal has said that it is done. */
  tell(line: string): Promise<void> {
    return new Promise((resolve) => {
      this.#unanswered.set(line, resolve);
      this.#process?.stdin?.write(`${line}\n`);
    });
  }

  /** From now on it lives. */
  spare(): void {
    this.#isImmortal = true;
  }

  async end(): Promise<void> {
    this.#isImmortal = true;
    this.#process?.kill("SIGKILL");
    await this.#ended;
  }

  #heard(line: string): void {
    if (line === "ready") {
      for (const waiting of this.#unanswered.keys()) this.#process?.stdin?.write(`${waiting}\n`);
      setTimeout(() => this.#kill(), 30 + this.#random() * 1_000);
      return;
    }
    this.#unanswered.get(line)?.();
    this.#unanswered.delete(line);
  }

  #kill(): void {
    if (this.#isImmortal) return;
    this.kills += 1;
    this.#process?.once("exit", () => this.live());
    this.#process?.kill("SIGKILL");
  }
}

test("R22 R142 killed at random moments, nothing is lost, doubled, left over or counted twice", async (t) => {
  t.diagnostic(`FAULTS_SEED=${seed} FAULTS_STARTS=${starts} repeats it`);
  await withDatabase(async (database) => {
    await database.pool.query(worldTables);
    const random = chance(seed);
    const from = performance.now();
    const ids: string[] = [];
    const portal = new MortalPortal(() => startChild(database, random), random);
    portal.live();
    try {
      await Promise.all(lives(portal, database, random, ids));
      portal.spare();
      await eventually(async () => (await countOf(database, "effects")) === 0);
    } finally {
      await portal.end();
    }
    const seconds = (performance.now() - from) / 1_000;
    const counted = await demandAllWell(database, ids.length);
    console.log(
      `figure: runner-faults starts=${ids.length} kills=${portal.kills} seed=${seed} seconds=${seconds.toFixed(1)}`,
    );
    console.log(`figure: runner-faults lost=0 doubled=0 left-over=0 intervals-counted=${counted}`);
  });
});

function startChild({ pool }: Database, random: () => number): ChildProcess {
  const { host, port, user, database } = pool.options;
  // Sometimes the one that was killed comes back, sometimes another one takes over.
  const owner = random() < 0.7 ? "portal" : `portal-${Math.floor(random() * 1e9)}`;
  const told = JSON.stringify({
    connection: { host, port, user, database },
    seed: random() * 2 ** 32,
    owner,
  });
  return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", child, told], {
    stdio: ["pipe", "pipe", "inherit"],
  });
}

/** Each session is started, left to run a while, and stopped or ended from outside; until there were enough of all. */
function lives(
  portal: MortalPortal,
  database: Database,
  random: () => number,
  ids: string[],
): Promise<void>[] {
  const live = async () => {
    while (ids.length < starts || portal.kills < leastKills) {
      const id = `s-${String(ids.length + 1).padStart(20, "0")}`;
      ids.push(id);
      await portal.tell(`start ${id}`);
      if (random() < 0.8) await reached(database, id, (session) => session.phase === "running");
      await new Promise((resolve) => setTimeout(resolve, random() * 200));
      if (random() < 0.3)
        await database.pool.query("UPDATE world SET alive = false, exit_code = $2 WHERE session_id = $1", [
          id,
          isBatch(id) ? 3 : 0,
        ]);
      if (isBatch(id)) await new Promise((resolve) => setTimeout(resolve, random() * 400));
      await portal.tell(`stop ${id}`);
      await reached(database, id, isEnded);
    }
  };
  return Array.from({ length: 8 }, live);
}

async function demandAllWell(database: Database, begun: number): Promise<number> {
  const store = createSessionStore(database);
  const sessions = (await store.list({}, { limit: begun + 10, cursor: null })).items;
  assert.equal(sessions.length, begun, "none is lost, none is doubled");
  for (const table of ["effects", "routes", "deadlines", "awaited_answers"])
    assert.equal(await countOf(database, table), 0, table);
  assert.equal(await countOf(database, "world WHERE alive"), 0, "nothing runs on");
  const anew = await countOf(database, "world WHERE attempt > 1 AND substr(session_id, 3)::bigint % 3 <> 0");
  assert.equal(anew, 0, "nothing was launched anew but batch sessions");
  assert.equal(await countOf(database, "world WHERE attempt > 2"), 0, "no more often than was asked for");
  await numberHints(database);
  let counted = 0;
  let milliseconds = 0;
  for (const session of sessions) {
    const log = await store.log(session.id);
    demandWholeLog(session, log);
    const ran = runningSpans(session);
    const intervals = runningIntervals(log, Number.MAX_SAFE_INTEGER);
    assert.deepEqual(
      intervals.map(({ from, to }) => [from, to]),
      ran,
    );
    counted += intervals.length;
    milliseconds += ran.reduce((sum, [from, to]) => sum + to - from, 0);
    assert.equal(
      await countOf(database, `hints WHERE subject = '${session.id}'`),
      session.version,
      "a hint a change",
    );
  }
  const usage = await usageOf(database, "pi", 0, Date.now() + 1);
  const runningSeconds = milliseconds / 1_000;
  assert.deepEqual(usage, { sessionsStarted: begun, runningSeconds, live: 0, liveBatch: 0 });
  const second = await countOf(database, "world WHERE attempt = 2");
  console.log(`figure: runner-faults begun-anew=${second}`);
  return counted;
}

function demandWholeLog(session: Session, log: readonly LogEntry[]): void {
  assert.ok(isEnded(session), `${session.id} is ${session.phase}`);
  assert.deepEqual(
    log.map((entry) => entry.sequence),
    log.map((_, index) => index + 1),
  );
  assert.equal(log.length, session.version);
  assert.equal(log.at(-1)?.phase, session.phase);
}

/** From its stages, which are kept apart from the log: when it began to answer, and when that ended, for each attempt. */
function runningSpans({ stages }: Session): (readonly [number, number])[] {
  const isOver = ({ name }: { name: string }) => ["stopping", "ended", "requeued"].includes(name);
  return stages.flatMap(({ name, at }, index) =>
    name === "answering" ? [[at, stages.slice(index).find(isOver)?.at ?? 0] as const] : [],
  );
}

async function reached(database: Database, id: string, isSo: (session: Session) => boolean): Promise<void> {
  const store = createSessionStore(database);
  await eventually(async () => {
    const session = await store.get(id);
    return session !== null && (isSo(session) || isEnded(session));
  });
}

async function countOf({ pool }: Database, what: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(`SELECT count(*) FROM ${what}`);
  return Number(rows[0]?.count);
}

async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 180_000;
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) throw new Error(`it did not come: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
