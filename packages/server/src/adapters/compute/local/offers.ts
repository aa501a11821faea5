import type { Flavour, Offer } from "@endstation/core";

/** Sizes that count against the machine. */
export interface Size {
  readonly memoryMiB: number;
  readonly cpus: number;
}

export interface Capacity extends Size {
  readonly cpuOvercommit: number;
}

/** Whether one more of that size fits beside what runs. */
export function offerOf(flavour: Flavour, capacity: Capacity, running: readonly Size[]): Offer {
  if (flavour.gpus > 0) return no("too-large", "this machine gives sessions no GPU");
  if (flavour.memoryMiB > capacity.memoryMiB || flavour.cpus > capacity.cpus)
    return no("too-large", `at most ${capacity.cpus} processors and ${capacity.memoryMiB} MiB`);
  const free = Math.min(
    places(capacity.memoryMiB - sum(running, "memoryMiB"), flavour.memoryMiB),
    places(capacity.cpus * capacity.cpuOvercommit - sum(running, "cpus"), flavour.cpus),
  );
  return free > 0
    ? { fits: true, waitSeconds: 0, free }
    : no("no-capacity", `${running.length} sessions use the machine`);
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
