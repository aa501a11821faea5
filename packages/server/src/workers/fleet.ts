import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { createDealer, type Player } from "./dealer.ts";
import type { Answer } from "./dial-desk.ts";
import type { FromWorker, ToWorker, Wanted } from "./messages.ts";

export interface FleetOptions<Task> {
  /** What a worker runs. */
  readonly program: string;
  /** Words that tell operators whose it is. */
  readonly words: readonly string[];
  readonly count: number;
  readonly task: Task;
  onDial(id: number, wanted: Wanted, answer: Answer): Promise<void>;
  readonly log: Logger;
}

/** Processes that take connections in turn. */
export interface Fleet {
  pids(): readonly number[];
  /** Takes a connection that was just accepted and not read from. */
  take(connection: Socket): void;
  /** Ends them in order; one that takes too long is killed. */
  close(): Promise<void>;
}

const endsWithinMs = 3_000;
/** A worker that lived so long did not die of how it begins. */
const livesMs = 10_000;
const longestPauseMs = 5_000;

/** Resolves when all are ready. A worker that dies later is replaced. @throws why the first could not begin */
export async function startFleet<Task>(options: FleetOptions<Task>): Promise<Fleet> {
  const open = new Set<ChildProcess>();
  const dealer = createDealer();
  let ending = false;
  let pauseMs = 0;
  const start = async (): Promise<void> => {
    const worker = begin(options);
    const begun = performance.now();
    open.add(worker);
    worker.once("exit", () => open.delete(worker));
    await ready(worker);
    dealer.enter(playerOf(worker));
    worker.once("exit", (code, signal) => void replace(code, signal, performance.now() - begun));
  };
  const replace = async (code: number | null, signal: string | null, livedMs: number): Promise<void> => {
    if (ending) return;
    options.log.error({ code, signal }, "a gateway worker died; it is replaced");
    pauseMs = livedMs > livesMs ? 0 : Math.min(2 * pauseMs + 100, longestPauseMs);
    await sleep(pauseMs, undefined, { ref: false });
    if (!ending) await start().catch(() => replace(null, null, 0));
  };
  const close = async () => {
    ending = true;
    dealer.close();
    await Promise.all([...open].map(end));
  };
  try {
    await Promise.all(Array.from({ length: options.count }, start));
  } catch (error) {
    await close();
    throw error;
  }
  return { pids: () => [...open].flatMap(({ pid }) => pid ?? []), take: dealer.deal, close };
}

function begin<Task>({ program, words, task, onDial }: FleetOptions<Task>): ChildProcess {
  const worker = fork(program, [...words], { execArgv: ["--disable-warning=ExperimentalWarning"] });
  worker.on("error", () => {});
  worker.on("message", (message: FromWorker) => {
    if (message.say !== "dial") return;
    void onDial(message.id, message.wanted, (dialled, socket, sent) =>
      tell(worker, dialled, { socket, keepOpen: false, sent }),
    );
  });
  tell(worker, { say: "begin", task } satisfies ToWorker<Task>);
  return worker;
}

interface Sending {
  readonly socket: Socket | null;
  /** Whether the socket stays open here too. */
  readonly keepOpen: boolean;
  sent(error: Error | null): void;
}

const plainly: Sending = { socket: null, keepOpen: false, sent: () => {} };

function tell(
  worker: ChildProcess,
  message: ToWorker<unknown>,
  { socket, keepOpen, sent }: Sending = plainly,
): void {
  if (worker.connected) worker.send(message, socket ?? undefined, { keepOpen }, sent);
  else sent(new Error("the worker is gone"));
}

function playerOf(worker: ChildProcess): Player {
  return {
    give: (id, socket) => tell(worker, { say: "take", id }, { socket, keepOpen: true, sent: () => {} }),
    onTaken: (taken) => {
      worker.on("message", (message: FromWorker) => {
        if (message.say === "taken") taken(message.id);
      });
    },
    onGone: (gone) => void worker.once("exit", gone),
  };
}

function ready(worker: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.on("message", (message: FromWorker) => {
      if (message.say === "ready") resolve();
      if (message.say === "failed") reject(new Error(`a gateway worker could not begin: ${message.why}`));
    });
    worker.once("exit", (code) =>
      reject(new Error(`a gateway worker ended with ${code} before it was ready`)),
    );
  });
}

async function end(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const timer = setTimeout(() => worker.kill("SIGKILL"), endsWithinMs);
  const gone = once(worker, "exit");
  tell(worker, { say: "end" });
  await gone;
  clearTimeout(timer);
}
