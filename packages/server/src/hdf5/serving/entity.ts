import { library, tried } from "./library.ts";
import type { Question } from "./messages.ts";
import type { OpenFile } from "./open-file.ts";
import { Refusal } from "./refusal.ts";

/** What is found at a path: a thing, or a link that is not followed. */
export type Entity =
  | { readonly kind: "group" | "dataset" | "datatype" }
  | { readonly kind: "soft_link"; readonly target: string }
  | { readonly kind: "external_link"; readonly file: string; readonly target: string };

/** @throws Refusal when there is nothing, or a link that should be followed leads nowhere. */
export function entityAt(file: OpenFile, path: string, resolve: Question["resolveLinks"]): Entity {
  const link = path === "/" ? null : linkAt(file, path);
  if (link !== null && resolve === "none") return link;
  const kind = kindAt(file, path);
  if (kind !== null) return { kind };
  if (link === null) throw new Refusal("absent", `${path} is not a valid path in ${file.name}`);
  if (resolve === "only_valid") return link;
  throw new Refusal("absent", `Cannot resolve ${wordsFor(link)} at ${path} of ${file.name}`);
}

/** A soft or external link; null when the path ends in a thing itself. */
function linkAt(
  { id }: OpenFile,
  path: string,
): Exclude<Entity, { kind: "group" | "dataset" | "datatype" }> | null {
  const external = tried(() => library.get_external_link(id, path));
  if (external?.filename !== undefined)
    return { kind: "external_link", file: external.filename, target: external.obj_path };
  const target = tried(() => library.get_symbolic_link(id, path));
  return typeof target === "string" ? { kind: "soft_link", target } : null;
}

function kindAt({ id }: OpenFile, path: string): "group" | "dataset" | "datatype" | null {
  switch (tried(() => library.get_type(id, path))) {
    case library.H5G_GROUP:
      return "group";
    case library.H5G_DATASET:
      return "dataset";
    case library.H5G_TYPE:
      return "datatype";
    default:
      return null;
  }
}

function wordsFor(link: Entity): string {
  if (link.kind === "soft_link") return `<SoftLink to "${link.target}">`;
  return link.kind === "external_link" ? `<ExternalLink to "${link.target}" in file "${link.file}">` : "";
}
