import type { Flavour, Offer } from "@endstation/core";

/** What sessions take, and what there is of it. */
export type Size = Pick<Flavour, "memoryMiB" | "cpus" | "gpus">;

export interface Capacity extends Size {
  readonly cpuOvercommit: number;
}

/** Why no place of that size is there even when nothing runs; null: it can be placed. */
export function tooLarge({ memoryMiB, cpus, gpus }: Size, capacity: Capacity): string | null {
  if (gpus > capacity.gpus) return `the engine gives sessions ${capacity.gpus} GPUs`;
  if (memoryMiB > capacity.memoryMiB || cpus > capacity.cpus)
    return `at most ${capacity.cpus} processors and ${capacity.memoryMiB} MiB`;
  return null;
}

/** Whether one more of that size fits beside what is there. */
export function offerOf(flavour: Size, capacity: Capacity, taken: readonly Size[]): Offer {
  const why = tooLarge(flavour, capacity);
  if (why !== null) return { fits: false, code: "too-large", detail: why };
  const free = Math.min(
    places(capacity.memoryMiB - sum(taken, "memoryMiB"), flavour.memoryMiB),
    places(capacity.cpus * capacity.cpuOvercommit - sum(taken, "cpus"), flavour.cpus),
    flavour.gpus === 0 ? Number.POSITIVE_INFINITY : places(capacity.gpus - sum(taken, "gpus"), flavour.gpus),
  );
  return free > 0
    ? { fits: true, waitSeconds: 0, free }
    : { fits: false, code: "no-capacity", detail: `${taken.length} sessions use the machine` };
}

function places(left: number, each: number): number {
  return Math.max(0, Math.floor(left / each));
}

function sum(sizes: readonly Size[], key: keyof Size): number {
  return sizes.reduce((total, size) => total + size[key], 0);
}
