import type { Logger } from "pino";
import { type Pace, pauseAfter } from "./pace.ts";

/** Work that is done again and again: when woken, and at the latest after a while. */
export interface Loop {
  /** Have it run soon; while it runs, once more afterwards. */
  wake(): void;
  /** Settles when the last run has ended. */
  stop(): Promise<void>;
}

export interface LoopOptions {
  readonly name: string;
  readonly every: number;
  readonly pace: Pace;
  readonly log: Logger;
  /** At least this long between the ends and starts of two runs, however often it is woken. */
  readonly rest?: number;
  work(): Promise<void>;
}

/** Runs at once, then as told; a failure is logged and followed by growing pauses, never the end. */
export function startLoop(options: LoopOptions): Loop {
  const { every, rest = 0, pace, log, name } = options;
  let isStopped = false;
  let isWoken = false;
  let failures = 0;
  let endPause = () => {};
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const once = async () => {
    isWoken = false;
    try {
      await options.work();
      if (failures > 0) log.info({ loop: name }, "it works again");
      failures = 0;
    } catch (error) {
      failures += 1;
      log.warn({ err: error, loop: name, failures }, "it failed and is tried again");
    }
  };
  const run = async () => {
    while (!isStopped) {
      await once();
      if (failures > 0) await pause(Math.min(pauseAfter(pace, failures), 5_000));
      else if (rest > 0) await restFor(rest);
      if (!isStopped && !isWoken && failures === 0) await pause(every);
    }
  };
  const restFor = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const running = run();
  return {
    wake: () => {
      isWoken = true;
      if (failures === 0) endPause();
    },
    stop: async () => {
      isStopped = true;
      endPause();
      await running;
    },
  };
}
