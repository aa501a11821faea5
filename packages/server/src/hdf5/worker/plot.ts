import type { FileAxis, FilePlot } from "../reading.ts";
import { drawable, middles, scaleOf, thinned } from "./curve.ts";
import { type Declared, declaredPlot } from "./default-plot.ts";
import { noteFault, reasonOf } from "./faults.ts";
import {
  attributeOf,
  type Dataset,
  type Group,
  type Member,
  memberOf,
  membersOf,
  textOf,
  textsOf,
} from "./hdf5.ts";
import { missingSources } from "./links.ts";
import { frameOf, lineOf, longDimensions } from "./points.ts";
import { unitOf } from "./summary.ts";

const mostRead = 200_000;

/** The default plot of a file; never one that the file does not declare, and never fill values as if they were data. */
export function plotOf(root: Group, title: string | null): FilePlot {
  try {
    const declared = declaredPlot(root);
    if (declared === null) return none("the file declares no default plot");
    const missing = missingSources(declared.signal);
    if (missing !== null) return none(`its values are in files that are not here: ${missing}`);
    return drawn(declared, title ?? declared.signalName);
  } catch (error) {
    noteFault();
    return none(`its values cannot be read: ${reasonOf(error)}`);
  }
}

function none(why: string): FilePlot {
  return { shape: "none", why };
}

function drawn(declared: Declared, title: string): FilePlot {
  const { data, signal } = declared;
  const dimensions = longDimensions(signal);
  const isSpectrum = textOf(attributeOf(signal, "interpretation"), 20) === "spectrum";
  if (signal.shape?.includes(0)) return none("its signal is empty");
  if (dimensions.length === 0) return none("its signal is a single value");
  if (dimensions.length === 1 || isSpectrum) return curveOf(declared, dimensions.at(-1) as number, title);
  const [rows = 0, columns = 0] = dimensions.slice(-2);
  const frame = frameOf(signal, rows, columns);
  if (frame.values.every((value) => value === null)) return none("its signal has no finite value");
  const scale = scaleOf(frame.values, 1.5);
  const frames = dimensions
    .slice(0, -2)
    .reduce((product, index) => product * (signal.shape?.[index] ?? 1), 1);
  const named = textOf(attributeOf(data, "title"), 200) ?? title;
  return {
    shape: "image",
    title: frames > 1 ? `${named} (1 of ${frames})` : named,
    ...frame,
    values: drawable(frame.values, scale),
    scale,
  };
}

function curveOf({ data, signal, signalName }: Declared, dimension: number, title: string): FilePlot {
  const y = lineOf(signal, dimension, mostRead);
  const axis = axisOf(data, signal, dimension);
  const xs =
    axis === null
      ? null
      : middles(lineOf(axis.dataset, longDimensions(axis.dataset)[0] ?? 0, mostRead), y.length);
  const x = xs !== null && xs.length === y.length ? xs : y.map((_, index) => index);
  const points = thinned(x, y);
  if (points.y.every((value) => value === null)) return none("its signal has no finite value");
  const known = axis !== null && xs !== null && xs.length === y.length;
  const xAxis = known ? described(axis.dataset, axis.name) : { label: "point", unit: null };
  return {
    shape: "curve",
    title,
    x: known ? axisWith(xAxis, points.x, 1.2) : { ...xAxis, values: points.x, scale: "linear" },
    y: axisWith(described(signal, signalName), points.y, 1.5),
  };
}

function axisWith(
  words: { label: string; unit: string | null },
  values: FileAxis["values"],
  decades: number,
): FileAxis {
  const scale = scaleOf(values, decades);
  return { ...words, values: drawable(values, scale), scale };
}

function described(dataset: Dataset, name: string): { label: string; unit: string | null } {
  return {
    label: textOf(attributeOf(dataset, "long_name"), 100) ?? name.slice(0, 100),
    unit: unitOf(dataset),
  };
}

type DatasetMember = Extract<Member, { kind: "dataset" }>;

/** The axis of a dimension: named by `axes` of the group, by canSAS' `I_axes`, by `axes` or `axis` of old files. */
function axisOf(data: Group, signal: Dataset, dimension: number): DatasetMember | null {
  const lists = [attributeOf(data, "axes"), attributeOf(data, "I_axes"), attributeOf(signal, "axes")].map(
    textsOf,
  );
  for (const names of lists) {
    const name = names.length === 1 ? names[0] : names[dimension];
    if (name === undefined || name === "." || name.includes("/")) continue;
    const member = memberOf(data, name);
    if (member.kind === "dataset" && longDimensions(member.dataset).length === 1) return member;
  }
  return numberedAxis(data, dimension);
}

function numberedAxis(data: Group, dimension: number): DatasetMember | null {
  for (const member of membersOf(data))
    if (member.kind === "dataset" && Number(attributeOf(member.dataset, "axis") ?? 0) === dimension + 1)
      return member;
  return null;
}
