import type { FileParameter } from "../reading.ts";
import {
  attributeOf,
  classOf,
  type Dataset,
  type Group,
  type Member,
  membersOf,
  numbersOf,
  smallValueOf,
  textOf,
} from "./hdf5.ts";
import { cleanText } from "./text.ts";

/** What an entry says of itself. */
export interface Summary {
  readonly title: string | null;
  readonly startTime: string | null;
  readonly endTime: string | null;
  readonly instrument: string | null;
  readonly definition: string | null;
  readonly sample: { readonly name: string; readonly description: string | null } | null;
  readonly parameters: readonly FileParameter[];
}

const mostParameters = 40;

/** Where numbers that describe a measurement are kept; deeper or elsewhere are logs, positions and arrays. */
const toldClasses = new Set([
  "NXsample",
  "NXmonochromator",
  "NXcrystal",
  "NXchopper",
  "NXsource",
  "NXbeam",
  "NXattenuator",
  "NXcollimator",
  "NXdetector",
  "NXfermi_chopper",
  "NXdisk_chopper",
]);

export function summaryOf(entry: Group): Summary {
  const members = membersOf(entry);
  const text = (name: string, most?: number) => valueNamed(members, name, most);
  const instrument = groupOfClass(members, "NXinstrument");
  return {
    title: text("title"),
    startTime: text("start_time", 40),
    endTime: text("end_time", 40),
    instrument: instrument === null ? null : valueNamed(membersOf(instrument), "name", 100),
    definition: text("definition", 60) ?? text("defintion", 60),
    sample: sampleOf(groupOfClass(members, "NXsample")),
    parameters: parametersOf(members, instrument),
  };
}

function sampleOf(group: Group | null): Summary["sample"] {
  if (group === null) return null;
  const members = membersOf(group);
  const name =
    valueNamed(members, "name", 200) ??
    valueNamed(members, "ID", 200) ??
    valueNamed(members, "chemical_formula", 200);
  const description = valueNamed(members, "description", 600) ?? valueNamed(members, "details", 600);
  return name === null ? null : { name, description };
}

function parametersOf(entry: readonly Member[], instrument: Group | null): FileParameter[] {
  const groups = [...entry, ...(instrument === null ? [] : membersOf(instrument))].filter(
    (member) => member.kind === "group",
  );
  const found: FileParameter[] = [];
  for (const { group, name } of groups) {
    if (found.length >= mostParameters) break;
    if (toldClasses.has(classOf(group) ?? "")) found.push(...scalarsOf(group, name));
  }
  return found.slice(0, mostParameters);
}

function scalarsOf(group: Group, prefix: string): FileParameter[] {
  return membersOf(group).flatMap((member) => {
    if (member.kind !== "dataset" || !isScalar(member.dataset)) return [];
    const value = smallValueOf(member.dataset);
    const [number] = numbersOf(value, 1);
    if (number === undefined || !Number.isFinite(number)) return [];
    return [{ name: nameOf(prefix, member.name), value: number, unit: unitOf(member.dataset) }];
  });
}

/** `monochromator energy`, but not `sample sample theta`. */
function nameOf(group: string, name: string): string {
  const words = name.startsWith(group) ? name : `${group} ${name}`;
  return cleanText(words.replaceAll("_", " "), 120) ?? "unnamed";
}

function isScalar(dataset: Dataset): boolean {
  return dataset.shape?.every((length) => length === 1) ?? false;
}

/** The unit of a dataset; null when it has none or says so. */
export function unitOf(dataset: Dataset): string | null {
  const unit = textOf(attributeOf(dataset, "units"), 40);
  return unit === null || /^(none|unitless|uu|a\.?u\.?|dimensionless)$/i.test(unit) ? null : unit;
}

function valueNamed(members: readonly Member[], name: string, most?: number): string | null {
  const member = members.find((one) => one.name === name);
  if (member?.kind !== "dataset") return null;
  const value = smallValueOf(member.dataset);
  return textOf(value, most);
}

function groupOfClass(members: readonly Member[], wanted: string): Group | null {
  for (const member of members)
    if (member.kind === "group" && classOf(member.group) === wanted) return member.group;
  return null;
}
