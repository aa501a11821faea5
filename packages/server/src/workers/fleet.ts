import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
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

/** Processes that share a port: this one accepts and deals the connections out in turn. */
export interface Fleet {
  pids(): readonly number[];
  /** Ends them in order; one that takes too long is killed. */
  close(): Promise<void>;
}

const endsWithinMs = 3_000;
/** A worker that lived so long did not die of how it begins. */
const livesMs = 10_000;
const longestPauseMs = 5_000;

/** Resolves when all are ready. A worker that dies later is replaced. @throws why the first could not begin */
export async function startFleet<Task>(options: FleetOptions<Task>): Promise<Fleet> {
  const open = new Set<Worker>();
  let ending = false;
  let pauseMs = 0;
  const start = async (): Promise<void> => {
    const worker = fork(options);
    const begun = performance.now();
    open.add(worker);
    worker.once("exit", () => open.delete(worker));
    await ready(worker);
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
    await Promise.all([...open].map(end));
  };
  try {
    await Promise.all(Array.from({ length: options.count }, start));
  } catch (error) {
    await close();
    throw error;
  }
  return { pids: () => [...open].flatMap(({ process: { pid } }) => pid ?? []), close };
}

function fork<Task>({ program, words, task, onDial }: FleetOptions<Task>): Worker {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  cluster.setupPrimary({
    exec: program,
    args: [...words],
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const worker = cluster.fork();
  worker.on("error", () => {});
  worker.on("message", (message: FromWorker) => {
    if (message.say === "dial")
      void onDial(message.id, message.wanted, (dialled, socket, sent) => tell(worker, dialled, socket, sent));
  });
  tell(worker, { say: "begin", task } satisfies ToWorker<Task>);
  return worker;
}

function tell(
  worker: Worker,
  message: ToWorker<unknown>,
  socket: Socket | null = null,
  sent: (error: Error | null) => void = () => {},
): void {
  if (worker.isConnected()) worker.process.send(message, socket ?? undefined, {}, sent);
  else sent(new Error("the worker is gone"));
}

/** Resolves when it listens. */
function ready(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.on("message", (message: FromWorker) => {
      if (message.say === "ready") resolve();
      if (message.say === "failed") reject(Object.assign(new Error(message.why), { code: message.code }));
    });
    worker.once("exit", (code) =>
      reject(new Error(`a gateway worker ended with ${code} before it was ready`)),
    );
  });
}

async function end(worker: Worker): Promise<void> {
  if (worker.isDead()) return;
  const timer = setTimeout(() => worker.process.kill("SIGKILL"), endsWithinMs);
  const gone = once(worker, "exit");
  tell(worker, { say: "end" });
  await gone;
  clearTimeout(timer);
}
