import type { Flavour, Offer } from "@endstation/core";
import type { JobOptions } from "./config.ts";
import type { Place } from "./slurm.ts";

/** What a job of a flavour asks of Slurm. */
export interface Size {
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly gres: string | null;
  readonly minutes: number;
}

export function sizeOf(flavour: Flavour, options: JobOptions, lifetimeMinutes: number): Size {
  return {
    cpus: Math.max(1, Math.ceil(flavour.cpus)),
    memoryMiB: flavour.memoryMiB,
    gres: options.gres ?? (flavour.gpus > 0 ? `gpu:${flavour.gpus}` : null),
    minutes: options.minutes ?? lifetimeMinutes,
  };
}

/**
 * Whether a job of that size fits a node of its partition, and on how many it would now. `busyUntil`: when the first of a
 * partition's jobs reaches its limit, which is the soonest that more becomes free for certain.
 */
export function offerOf(
  size: Size,
  { partition }: JobOptions,
  places: readonly Place[],
  busyUntil: ReadonlyMap<string, number>,
  now: number,
): Offer {
  const names = partition?.split(",") ?? [
    ...new Set(places.filter((one) => one.isDefault).map((one) => one.partition)),
  ];
  const meant = places.filter((one) => names.includes(one.partition));
  if (meant.length === 0)
    return no(
      "launch-rejected",
      partition === undefined
        ? "the cluster has no default partition"
        : `the cluster has no partition ${partition}`,
    );
  const fitting = meant.filter((one) => fits(size, one));
  if (fitting.length === 0) return no("too-large", largestOf(meant, names, size));
  const usable = fitting.filter((one) => one.isUp && one.isUsable);
  if (usable.length === 0)
    return no("no-capacity", `partition ${names.join(", ")} starts no jobs at the moment`);
  const free = usable.reduce((sum, one) => sum + freeOn(size, one), 0);
  const ends = names.map((name) => busyUntil.get(name) ?? now);
  const waitSeconds = free > 0 ? 0 : Math.max(0, Math.round((Math.min(...ends) - now) / 1000));
  return { fits: true, waitSeconds, free };
}

function fits({ cpus, memoryMiB, gres, minutes }: Size, place: Place): boolean {
  return (
    cpus <= Math.min(place.cpus, place.mostCpusPerNode ?? place.cpus) &&
    memoryMiB <= place.memoryMiB &&
    minutes <= (place.mostMinutes ?? minutes) &&
    (gres === null || gresTimes(gres, place.gres) >= 1)
  );
}

function freeOn({ cpus, memoryMiB, gres }: Size, place: Place): number {
  const times = [place.freeCpus / cpus, place.freeMemoryMiB / memoryMiB];
  if (gres !== null) times.push(gresTimes(gres, place.gres) - gresTimes(gres, place.gresUsed));
  return Math.max(0, Math.floor(Math.min(...times)));
}

/** How often what is asked for (`gpu:2`, `gpu:a100:1`) is in what there is (`gpu:a100:4(S:0-1),shard:8`). */
export function gresTimes(asked: string, there: string): number {
  return Math.min(...asked.split(",").map((one) => gresCount(there, one) / (gresParts(one).count || 1)));
}

function gresCount(there: string, asked: string): number {
  const { name, type } = gresParts(asked);
  return there
    .replaceAll(/\([^)]*\)/g, "")
    .split(",")
    .map(gresParts)
    .filter((one) => one.name === name && (type === null || one.type === type))
    .reduce((sum, { count }) => sum + count, 0);
}

function gresParts(text: string): {
  readonly name: string;
  readonly type: string | null;
  readonly count: number;
} {
  const [name = "", ...rest] = text.split(":");
  const last = rest.at(-1);
  const count = last !== undefined && /^\d+$/.test(last) ? Number(last) : 1;
  const type = rest.find((part) => !/^\d+$/.test(part)) ?? null;
  return { name, type, count };
}

function largestOf(places: readonly Place[], names: readonly string[], { minutes, gres }: Size): string {
  const most = (of: (place: Place) => number) => Math.max(...places.map(of));
  const time = places.every(({ mostMinutes }) => mostMinutes !== null && mostMinutes < minutes)
    ? `, and at most ${most(({ mostMinutes }) => mostMinutes ?? 0)} minutes where ${minutes} are asked for`
    : "";
  const devices = gres === null ? "" : `, ${gres} being asked for`;
  return `a node of ${names.join(", ")} has at most ${most(({ cpus }) => cpus)} processors and ${most((one) => one.memoryMiB)} MiB${devices}${time}`;
}

function no(code: "launch-rejected" | "too-large" | "no-capacity", detail: string): Offer {
  return { fits: false, code, detail };
}
