import { type Entity, entityAt } from "./entity.ts";
import { demanded, library } from "./library.ts";
import type { Question } from "./messages.ts";
import type { OpenFile } from "./open-file.ts";
import { bounds, Refusal } from "./refusal.ts";
import { typeAnswer } from "./types.ts";

/** What h5grove says of a thing: of a group also what is in it, one level deep. */
export function metaOf(file: OpenFile, path: string, resolve: Question["resolveLinks"]): unknown {
  return describe(file, path, entityAt(file, path, resolve), true);
}

/** The path and all below it, by hard links only. */
export function pathsOf(file: OpenFile, path: string, resolve: Question["resolveLinks"]): readonly string[] {
  if (entityAt(file, path, resolve).kind !== "group") throw new Refusal("wrong", `${path} is not a group`);
  const names = demanded(path, () => library.get_names(file.id, path, true));
  const paths = names.map((name) => joined(path, name));
  if (resolve === "all") for (const one of paths) entityAt(file, one, resolve);
  return [path, ...paths];
}

/** Names of attributes in the order that h5grove gives them for their values. */
export function attributeNames(file: OpenFile, path: string): readonly string[] {
  const names = demanded(path, () => library.get_attribute_names(file.id, path));
  if (names.length > bounds.attributes)
    throw new Refusal(
      "too-large",
      `${path} has ${names.length} attributes, more than the ${bounds.attributes} that are read here`,
    );
  return names;
}

function describe(file: OpenFile, path: string, entity: Entity, withChildren: boolean): unknown {
  const name = path.split("/").at(-1) ?? "";
  if (entity.kind === "soft_link") return { kind: entity.kind, name, target_path: entity.target };
  if (entity.kind === "external_link")
    return { kind: entity.kind, name, target_file: entity.file, target_path: entity.target };
  const answer = { attributes: attributesOf(file, path), kind: entity.kind, name };
  if (entity.kind === "group") return withChildren ? { ...answer, children: childrenOf(file, path) } : answer;
  if (entity.kind === "datatype")
    return {
      ...answer,
      type: typeAnswer(demanded(path, () => library.get_datatype_metadata(file.id, path))),
    };
  const known = demanded(path, () => library.get_dataset_metadata(file.id, path));
  const filters = demanded(path, () => library.get_dataset_filters(file.id, path));
  return {
    ...answer,
    chunks: known.chunks,
    filters: filters.length === 0 ? null : filters.map(({ id, name: filter }) => ({ id, name: filter })),
    shape: known.shape,
    type: typeAnswer(known),
  };
}

function childrenOf(file: OpenFile, path: string): readonly unknown[] {
  const names = demanded(path, () => library.get_names(file.id, path, false));
  if (names.length > bounds.members)
    throw new Refusal(
      "too-large",
      `${path} has ${names.length} members, more than the ${bounds.members} that are listed here`,
    );
  return names.map((name) => {
    const child = joined(path, name);
    return describe(file, child, entityAt(file, child, "only_valid"), false);
  });
}

function attributesOf(file: OpenFile, path: string): readonly unknown[] {
  return attributeNames(file, path)
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((name) => {
      const known = demanded(`${path}@${name}`, () => library.get_attribute_metadata(file.id, path, name));
      return { name, shape: known.shape, type: typeAnswer(known) };
    });
}

function joined(path: string, name: string): string {
  return path === "/" ? `/${name}` : `${path.replace(/\/+$/, "")}/${name}`;
}
