import type { Flavour, Offer, SessionKind } from "@endstation/core";

export const kinds: readonly SessionKind[] = ["jupyter", "terminal", "batch"];

/** What a session takes of the machine, or would. */
export interface Size {
  readonly kind: SessionKind;
  readonly memoryMiB: number;
  readonly cpus: number;
}

export interface Capacity {
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly cpuOvercommit: number;
}

/** A guess of what each batch session ahead costs one that waits: how long a program takes is not known. */
const secondsAhead = 600;

/** Whether one more of that size fits beside what runs. A batch session fits later, too: it waits for its turn. */
export function offerOf(
  kind: SessionKind,
  flavour: Flavour,
  capacity: Capacity,
  running: readonly Size[],
  ahead: number,
): Offer {
  const { memoryMiB, cpus } = flavour;
  if (flavour.gpus > 0) return no("too-large", "this machine gives sessions no GPU");
  if (memoryMiB > capacity.memoryMiB || cpus > capacity.cpus)
    return no("too-large", `at most ${capacity.cpus} processors and ${capacity.memoryMiB} MiB`);
  const free = placesFor({ kind, memoryMiB, cpus }, capacity, running);
  if (kind === "batch" && (free === 0 || ahead > 0))
    return { fits: true, waitSeconds: (ahead + 1) * secondsAhead, free: 0 };
  return free > 0
    ? { fits: true, waitSeconds: 0, free }
    : no("no-capacity", `${running.length} sessions use the machine`);
}

/**
 * How many more of that size may run at once. People think more than they compute and share processors; programs compute
 * all the time, so no more of them run than there are processors.
 */
export function placesFor(wanted: Size, capacity: Capacity, running: readonly Size[]): number {
  const programs = running.filter(({ kind }) => kind === "batch");
  return Math.min(
    places(capacity.memoryMiB - sum(running, "memoryMiB"), wanted.memoryMiB),
    places(capacity.cpus * capacity.cpuOvercommit - sum(running, "cpus"), wanted.cpus),
    wanted.kind === "batch" ? places(capacity.cpus - sum(programs, "cpus"), wanted.cpus) : Infinity,
  );
}

function places(left: number, each: number): number {
  return Math.max(0, Math.floor(left / each));
}

function sum(sizes: readonly Size[], key: "memoryMiB" | "cpus"): number {
  return sizes.reduce((total, size) => total + size[key], 0);
}

function no(code: "too-large" | "no-capacity", detail: string): Offer {
  return { fits: false, code, detail };
}
