import { usageOf } from "./cpu.ts";
import { startSocketsLoad } from "./loads.ts";
import type { Subject } from "./subjects.ts";

export const heldSockets = 8_000;
const warmUpSockets = 200;

/**
 * Bytes that each of 8,000 WebSockets costs a fresh process while nothing is said on them. Both times it has been left
 * alone for a while first, so that what is garbage has gone.
 */
export async function bytesPerIdleSocket(subject: Subject, idleMs: number): Promise<number> {
  await hold(subject, warmUpSockets, async () => {});
  await idle(idleMs);
  const before = usageOf(subject.pids).residentBytes;
  return hold(subject, heldSockets, async () => {
    await idle(idleMs);
    return (usageOf(subject.pids).residentBytes - before) / heldSockets;
  });
}

async function hold<Result>(
  { port, sockets }: Subject,
  connections: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const load = startSocketsLoad({ port, ways: sockets, connections, messageBytes: 0, seconds: null });
  try {
    await load.line();
    return await work();
  } finally {
    await load.end();
  }
}

function idle(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
