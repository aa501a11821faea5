import { readdirSync, readFileSync } from "node:fs";

/** A program's processor time and memory, read from `/proc`: of its processes together. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** What `getconf CLK_TCK` answers on every Linux that Node runs on. */
const ticksPerSecond = 100;

export function usageOf(pids: readonly number[]): Usage {
  const each = pids.map((pid) => ({ cpuSeconds: cpuSecondsOf(pid), residentBytes: residentBytesOf(pid) }));
  return {
    cpuSeconds: each.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    residentBytes: each.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
  };
}

/** A process and those that it started. */
export function withChildren(pid: number): number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const children = tasks.flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim().split(" "),
  );
  return [pid, ...children.filter((child) => child !== "").flatMap((child) => withChildren(Number(child)))];
}

function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function residentBytesOf(pid: number): number {
  const [, kibibytes = "0"] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kibibytes) * 1024;
}
