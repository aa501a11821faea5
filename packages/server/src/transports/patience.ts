import { setTimeout as sleep } from "node:timers/promises";
import type { CancelSignal } from "@endstation/core";

const lookAgain = 25;

/** Tries until it succeeds, as a launcher may just be coming: for so many milliseconds, and while `mayCome`. */
export async function patiently<T>(
  dial: () => Promise<T>,
  within: number,
  mayCome: () => Promise<boolean>,
  signal: CancelSignal,
): Promise<T> {
  for (const until = performance.now() + within; ; await sleep(lookAgain)) {
    try {
      return await dial();
    } catch (error) {
      if (signal.aborted || performance.now() > until || !(await mayCome())) throw error;
    }
  }
}
