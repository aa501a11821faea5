import type { FilePlot, FileReading } from "../../../hdf5/reading.ts";

/** What all files of a dataset say together, as it is kept until one of them changes. */
export interface DatasetReading {
  /** Of each file that cannot be read: why. */
  readonly problems: readonly { readonly path: string; readonly problem: string }[];
  readonly remarks: readonly string[];
  readonly startTime: string | null;
  readonly definitions: readonly string[];
  readonly sample: FileReading["sample"];
  readonly parameters: FileReading["parameters"];
  readonly plot: FilePlot;
}

const bounds = { remarks: 10, definitions: 12, parameters: 40 };

/** Joins what single files say, in the order of their names; the first that has something to say is heard. */
export function joined(readings: ReadonlyMap<string, FileReading>): DatasetReading {
  const all = [...readings].sort(([a], [b]) => (a < b ? -1 : 1));
  const read = all.map(([, reading]) => reading);
  const plots = read.map((reading) => reading.plot);
  return {
    problems: all.flatMap(([path, { problem }]) => (problem === null ? [] : [{ path, problem }])),
    remarks: all
      .flatMap(([path, { remarks }]) => remarks.map((one) => `${path}: ${one}`))
      .slice(0, bounds.remarks),
    startTime: read.find((one) => isMoment(one.startTime))?.startTime ?? null,
    definitions: [...new Set(read.flatMap((one) => one.definitions))].slice(0, bounds.definitions),
    sample: read.find((one) => one.sample !== null)?.sample ?? null,
    parameters: (read.find((one) => one.parameters.length > 0)?.parameters ?? []).slice(0, bounds.parameters),
    plot: plots.find((plot) => plot.shape !== "none") ?? plots[0] ?? nothingToDraw,
  };
}

const nothingToDraw: FilePlot = { shape: "none", why: "it has no file of a format that can be drawn here" };

/** A moment with its time zone: without one it says nothing that can be compared. */
function isMoment(text: string | null): boolean {
  return text !== null && /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/.test(text);
}
