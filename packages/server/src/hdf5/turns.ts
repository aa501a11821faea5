import { type CancelSignal, Unavailable } from "@endstation/core";

/** Lets so many at once and keeps the others waiting, the urgent ones in front. */
export interface Turns {
  take<Result>(urgent: boolean, signal: CancelSignal, work: () => Promise<Result>): Promise<Result>;
}

interface Waiting {
  readonly go: () => void;
}

export function createTurns(atOnce: number, mostWaiting: number): Turns {
  const urgent: Waiting[] = [];
  const patient: Waiting[] = [];
  let running = 0;

  const next = () => {
    running -= 1;
    (urgent.shift() ?? patient.shift())?.go();
  };
  const wait = (isUrgent: boolean, signal: CancelSignal) =>
    new Promise<void>((resolve, reject) => {
      const queue = isUrgent ? urgent : patient;
      if (queue.length >= mostWaiting) return reject(new Unavailable("too many files wait to be read"));
      const gone = () => {
        const place = queue.indexOf(waiting);
        if (place >= 0) queue.splice(place, 1);
        reject(new Unavailable("nobody waits for it any more"));
      };
      const waiting: Waiting = {
        go: () => {
          running += 1;
          signal.removeEventListener("abort", gone);
          resolve();
        },
      };
      queue.push(waiting);
      signal.addEventListener("abort", gone);
    });

  return {
    take: async (isUrgent, signal, work) => {
      if (running < atOnce) running += 1;
      else await wait(isUrgent, signal);
      try {
        return await work();
      } finally {
        next();
      }
    },
  };
}
