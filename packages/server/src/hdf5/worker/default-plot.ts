import {
  attributeOf,
  classOf,
  type Dataset,
  type Group,
  type Member,
  memberOf,
  membersOf,
  textOf,
} from "./hdf5.ts";

/** What a file declares to be its default plot: the group with data, and the signal in it. */
export interface Declared {
  readonly data: Group;
  readonly signal: Dataset;
  readonly signalName: string;
}

const deepest = 8;
/** Where a plot is looked for when no `default` leads to it, in this order. */
const searched = ["NXentry", "NXsubentry", "NXprocess"];

/** Follows `default` from the root; without one looks at the first group of data, then of an entry, then of a process. */
export function declaredPlot(root: Group): Declared | null {
  return followed(root, deepest) ?? found(root, deepest);
}

function followed(group: Group, left: number): Declared | null {
  const here = declaredIn(group);
  if (here !== null || left === 0) return here;
  const target = textOf(attributeOf(group, "default"), 500);
  if (target === null) return null;
  const member = memberOf(group, target);
  return member.kind === "group" ? (followed(member.group, left - 1) ?? found(member.group, left - 1)) : null;
}

function found(group: Group, left: number): Declared | null {
  if (left === 0) return null;
  const groups = membersOf(group).flatMap((member) => (member.kind === "group" ? [member.group] : []));
  for (const data of groups.filter(isData).sort(measuredFirst)) {
    const declared = declaredIn(data);
    if (declared !== null) return declared;
  }
  for (const wanted of searched)
    for (const inner of groups.filter((one) => classOf(one) === wanted).slice(0, 4)) {
      const declared = followed(inner, left - 1) ?? found(inner, left - 1);
      if (declared !== null) return declared;
    }
  return null;
}

function isData(group: Group): boolean {
  return classOf(group) === "NXdata";
}

/** In canSAS a transmission spectrum is a group of data too, but not what was measured. */
function measuredFirst(a: Group, b: Group): number {
  const rank = (group: Group) =>
    textOf(attributeOf(group, "canSAS_class"), 60) === "SAStransmission_spectrum" ? 1 : 0;
  return rank(a) - rank(b);
}

function declaredIn(group: Group): Declared | null {
  if (!isData(group)) return null;
  const name = textOf(attributeOf(group, "signal"), 200);
  const members = name === null ? membersOf(group) : [memberOf(group, name)];
  const signal = members.find((member) => isSignal(member, name));
  return signal?.kind === "dataset" ? { data: group, signal: signal.dataset, signalName: signal.name } : null;
}

/** Old files mark the dataset itself with `signal=1`. */
function isSignal(member: Member, named: string | null): boolean {
  if (member.kind !== "dataset") return false;
  return named !== null || Number(attributeOf(member.dataset, "signal") ?? 0) === 1;
}
