import { BrokenSoftLink, Dataset, ExternalLink, Group } from "h5wasm/node";
import { noteFault } from "./faults.ts";
import { cleanText } from "./text.ts";

export type { Dataset, Group };

/** Names of a group that are looked at, and bytes of a value that are taken: more is never needed for a summary. */
const bounds = { children: 2_000, attributeBytes: 65_536, valueBytes: 262_144 };

/** What a name in a group leads to. */
export type Member =
  | { readonly kind: "group"; readonly name: string; readonly group: Group }
  | { readonly kind: "dataset"; readonly name: string; readonly dataset: Dataset }
  | { readonly kind: "nowhere"; readonly name: string; readonly target: string }
  | { readonly kind: "other"; readonly name: string };

/** Children of a group in the order of the file, at most 2,000. */
export function membersOf(group: Group): Member[] {
  return group
    .keys()
    .slice(0, bounds.children)
    .map((name) => memberOf(group, name));
}

export function memberOf(group: Group, name: string): Member {
  try {
    const found = group.get(name);
    if (found instanceof Group) return { kind: "group", name, group: found };
    if (found instanceof Dataset) return { kind: "dataset", name, dataset: found };
    if (found instanceof ExternalLink) return { kind: "nowhere", name, target: found.filename };
    if (found instanceof BrokenSoftLink) return { kind: "nowhere", name, target: found.target };
  } catch {
    noteFault();
  }
  return { kind: "other", name };
}

/** An attribute's value when it is there, small and readable; else null. */
export function attributeOf(of: Group | Dataset, name: string): unknown {
  try {
    const attribute = of.attrs[name];
    if (attribute === undefined) return null;
    const { total_size, size } = attribute.metadata;
    return total_size * size > bounds.attributeBytes ? null : attribute.value;
  } catch {
    noteFault();
    return null;
  }
}

/** A dataset's value when it is small and readable; else null. */
export function smallValueOf(dataset: Dataset): unknown {
  try {
    const { total_size, size, virtual_sources: sources } = dataset.metadata;
    if (sources !== undefined || total_size * size > bounds.valueBytes) return null;
    return dataset.value;
  } catch {
    noteFault();
    return null;
  }
}

export function textOf(value: unknown, most?: number): string | null {
  const first = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" ? cleanText(first, most) : null;
}

/** Strings of a value: one, or several as an array or as one text with separators. */
export function textsOf(value: unknown): string[] {
  const all = Array.isArray(value) ? value : typeof value === "string" ? value.split(/[,:\s]+/) : [];
  return all.slice(0, 32).flatMap((one) => (typeof one === "string" ? (cleanText(one) ?? []) : []));
}

/** Numbers of a value, as far as they are numbers. */
export function numbersOf(value: unknown, most: number): number[] {
  const all: readonly unknown[] =
    typeof value === "number" || typeof value === "bigint"
      ? [value]
      : ArrayBuffer.isView(value)
        ? Array.from(value as unknown as ArrayLike<unknown>).slice(0, most)
        : Array.isArray(value)
          ? value.slice(0, most)
          : [];
  return all.filter((one) => typeof one === "number" || typeof one === "bigint").map(Number);
}

export function classOf(group: Group): string | null {
  return textOf(attributeOf(group, "NX_class"), 60);
}
