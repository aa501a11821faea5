import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Flavour } from "@endstation/core";

/** One folder of a session's control groups with what is written into it; a leading `?` marks what may fail. */
export interface Cgroup {
  readonly folder: string;
  readonly settings: readonly (readonly [file: string, value: string])[];
  /** The file that counts processes killed for memory; null where it is not in this folder. */
  readonly killsFile: string | null;
}

/** Where control groups can be made on this machine. */
export type CgroupSite =
  | { readonly kind: "cgroup-v1"; readonly memory: string; readonly cpu: string; readonly pids: string }
  | { readonly kind: "cgroup-v2"; readonly folder: string }
  | { readonly kind: "rlimit" };

/** A launcher, a sandbox and a server need some themselves before the first cell runs. */
const ownProcesses = 32;
const period = 100_000;

/** The control groups of a session of that size; none where only rlimits are to be had. */
export function cgroupsOf(site: CgroupSite, handle: string, flavour: Flavour): Cgroup[] {
  const bytes = String(flavour.memoryMiB * 1024 * 1024);
  const quota = String(Math.round(flavour.cpus * period));
  const processes = String(flavour.processes + ownProcesses);
  if (site.kind === "rlimit") return [];
  if (site.kind === "cgroup-v2") return [unified(join(site.folder, handle), bytes, quota, processes)];
  return [
    {
      folder: join(site.memory, handle),
      settings: [
        ["memory.limit_in_bytes", bytes],
        ["memory.memsw.limit_in_bytes", `?${bytes}`],
      ],
      killsFile: "memory.oom_control",
    },
    {
      folder: join(site.cpu, handle),
      settings: [
        ["cpu.cfs_period_us", String(period)],
        ["cpu.cfs_quota_us", quota],
      ],
      killsFile: null,
    },
    { folder: join(site.pids, handle), settings: [["pids.max", processes]], killsFile: null },
  ];
}

function unified(folder: string, bytes: string, quota: string, processes: string): Cgroup {
  return {
    folder,
    settings: [
      ["memory.max", bytes],
      ["memory.swap.max", "?0"],
      ["cpu.max", `${quota} ${period}`],
      ["pids.max", processes],
    ],
    killsFile: "memory.events",
  };
}

/** Finds, by trying, where control groups can be made; `name` keeps portals on one machine apart. */
export function findCgroups(name: string, mounts = readFileSync("/proc/self/mounts", "utf8")): CgroupSite {
  const lines = mounts.split("\n").map((line) => line.split(" "));
  return versionOne(lines, name) ?? versionTwo(lines, name) ?? { kind: "rlimit" };
}

function versionOne(lines: readonly string[][], name: string): CgroupSite | null {
  const find = (controller: string): string | null => {
    const line = lines.find(
      ([, , type, options = ""]) => type === "cgroup" && options.split(",").includes(controller),
    );
    const folder = line?.[1] === undefined ? null : join(line[1], name);
    return folder !== null && writable(folder) ? folder : null;
  };
  const [memory, cpu, pids] = [find("memory"), find("cpu"), find("pids")];
  return memory === null || cpu === null || pids === null ? null : { kind: "cgroup-v1", memory, cpu, pids };
}

function versionTwo(lines: readonly string[][], name: string): CgroupSite | null {
  for (const [, mountPoint, type] of lines) {
    if (type !== "cgroup2" || mountPoint === undefined) continue;
    for (const parent of [mountPoint, join(mountPoint, ownGroup())]) {
      const folder = join(parent, name);
      if (controllersGiven(parent) && writable(folder) && controllersGiven(folder))
        return { kind: "cgroup-v2", folder };
    }
  }
  return null;
}

function ownGroup(): string {
  const line = readFileSync("/proc/self/cgroup", "utf8").split("\n");
  return line.find((one) => one.startsWith("0::"))?.slice(3) ?? "/";
}

/** Hands memory, cpu and pids down to the groups below `folder`. */
function controllersGiven(folder: string): boolean {
  try {
    writeFileSync(join(folder, "cgroup.subtree_control"), "+memory +cpu +pids");
    return true;
  } catch {
    return false;
  }
}

function writable(folder: string): boolean {
  try {
    if (!existsSync(folder)) mkdirSync(folder);
    const trial = join(folder, `trial-${process.pid}`);
    mkdirSync(trial);
    rmdirSync(trial);
    return true;
  } catch {
    return false;
  }
}

/** The folders that hold every session's groups. */
export function parentsOf(site: CgroupSite): string[] {
  if (site.kind === "rlimit") return [];
  return site.kind === "cgroup-v2" ? [site.folder] : [site.memory, site.cpu, site.pids];
}

/** Removes those folders where they are empty; the next provider makes them again. */
export function leaveNoParents(site: CgroupSite): void {
  for (const folder of parentsOf(site)) {
    try {
      rmdirSync(folder);
    } catch {}
  }
}
