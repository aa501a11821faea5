import { isUsable } from "./schema.ts";
import { exitOf, type Job, type Place } from "./slurm.ts";

/** Fields of `squeue --Format`, in order. Those that a job's owner chooses come last. */
const jobFields = [
  ...["JobID", "UserName", "Partition", "State", "Reason", "exit_code", "RestartCnt", "NodeList"],
  ...["StartTime", "EndTime", "Name", "Comment"],
];

const placeFields = [
  ...["NodeList", "Partition", "Available", "CPUsState", "Memory", "AllocMem", "StateComplete", "Time"],
  ...["MaxCPUsPerNode", "Gres", "GresUsed"],
];

/**
 * Fields and ends of lines are told by `mark`, which nobody can know beforehand: people may call their jobs anything, a
 * line of this very output for instance.
 */
export function jobFormat(mark: string): string {
  return formatOf(jobFields, mark);
}

export function placeFormat(mark: string): string {
  return formatOf(placeFields, mark);
}

function formatOf(fields: readonly string[], mark: string): string {
  return fields.map((field) => `${field}:${mark}`).join(",");
}

function rowsOf(text: string, fields: number, mark: string): string[][] {
  const cells = text.split(mark);
  return Array.from({ length: Math.floor(cells.length / fields) }, (_, row) =>
    cells
      .slice(row * fields, (row + 1) * fields)
      .map((cell, at) => plain(at === 0 ? cell.replace(/^\n/, "") : cell)),
  );
}

function plain(cell: string): string {
  return /^(\(null\)|n\/a|N\/A|None)$/.test(cell) ? "" : cell;
}

export function jobsOf(text: string, mark: string): Job[] {
  return rowsOf(text, jobFields.length, mark).map((cells) => {
    const [id, user, partition, state, reason, exit, restarts, nodes, starts, ends, name, comment] =
      cells as Row;
    return {
      id: Number(id),
      user,
      partition,
      states: [state],
      reason,
      exit: exitOf(Number(exit)),
      restarts: Number(restarts) || 0,
      nodes,
      startsAt: instantOf(starts),
      endsAt: instantOf(ends),
      name,
      comment,
    };
  });
}

/** As many as there are fields; the destructuring says how many. */
type Row = [string, string, string, string, string, string, string, string, string, string, string, string];

export function placesOf(text: string, mark: string): Place[] {
  return rowsOf(text, placeFields.length, mark).map((cells) => {
    const [node, partition, available, cpus, memory, allocated, state, time, mostCpus, gres, gresUsed] =
      cells as Row;
    const [, idle = 0, , total = 0] = cpus.split("/").map(Number);
    return {
      node,
      partition: partition.replace(/\*$/, ""),
      isDefault: partition.endsWith("*"),
      isUp: available === "up",
      isUsable: isUsable(state.split("+").map((word) => word.replace(/[*~#!%$@^-]+$/, ""))),
      cpus: total,
      freeCpus: idle,
      memoryMiB: Number(memory),
      freeMemoryMiB: Number(memory) - (Number(allocated) || 0),
      gres,
      gresUsed,
      mostMinutes: minutesOf(time),
      mostCpusPerNode: Number(mostCpus) || null,
    };
  });
}

/** `days-hours:minutes:seconds`, as far as there are such; null: without limit. */
export function minutesOf(time: string): number | null {
  const [, days = 0, hours = 0, minutes, seconds = 0] =
    /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)$/.exec(time) ?? [];
  if (minutes === undefined) return null;
  return (Number(days) * 24 + Number(hours)) * 60 + Number(minutes) + Number(seconds) / 60;
}

/** With `SLURM_TIME_FORMAT=%s`. */
function instantOf(seconds: string): number | null {
  return Number(seconds) > 0 ? Number(seconds) * 1000 : null;
}
