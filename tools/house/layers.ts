import type { Source } from "./source.ts";

/** A room of the house: the files it holds and the rooms it may import from, itself included always. */
interface Room {
  readonly name: string;
  readonly holds: RegExp;
  readonly may: readonly string[];
}

/** What the domain is made of, below its policies and use cases. */
const domain = [
  "core/base",
  "core/accounting",
  "core/catalogue",
  "core/identity",
  "core/session",
  "core/environment",
  "core/ports",
];

/** Who may import whom. The first room whose pattern fits holds the file. */
export const rooms: readonly Room[] = [
  { name: "core/catalogue", holds: /^packages\/core\/src\/catalogue\//, may: ["core/base"] },
  { name: "core/identity", holds: /^packages\/core\/src\/identity\//, may: ["core/base"] },
  { name: "core/session", holds: /^packages\/core\/src\/session\//, may: ["core/base"] },
  {
    name: "core/environment",
    holds: /^packages\/core\/src\/environment\//,
    may: ["core/base", "core/catalogue", "core/session"],
  },
  {
    name: "core/accounting",
    holds: /^packages\/core\/src\/accounting\//,
    may: ["core/base", "core/session", "core/ports"],
  },
  {
    name: "core/ports",
    holds: /^packages\/core\/src\/ports\//,
    may: ["core/base", "core/catalogue", "core/identity", "core/session", "core/environment"],
  },
  {
    name: "core/policy",
    holds: /^packages\/core\/src\/policy\//,
    may: domain,
  },
  {
    name: "core/usecases",
    holds: /^packages\/core\/src\/usecases\//,
    may: [...domain, "core/policy"],
  },
  {
    name: "core/index",
    holds: /^packages\/core\/src\/index\.ts$/,
    may: [...domain, "core/policy", "core/usecases"],
  },
  { name: "core/base", holds: /^packages\/core\/src\/[^/]+\.ts$/, may: [] },
  {
    name: "core/testing",
    holds: /^packages\/core\/testing\//,
    may: [...domain, "core/policy", "core/index"],
  },
  { name: "api", holds: /^packages\/api\//, may: [] },
  { name: "cli", holds: /^packages\/cli\//, may: ["api"] },
  { name: "web", holds: /^packages\/web\//, may: ["api"] },
  { name: "viewer", holds: /^packages\/viewer\//, may: ["web"] },
  {
    name: "compose",
    holds: /^packages\/server\/src\/(main|compose)\.ts$|^packages\/server\/src\/compose\//,
    may: ["*"],
  },
  { name: "server/testing", holds: /^packages\/server\/src\/.*testing/, may: ["*"] },
  {
    name: "server/registry",
    holds: /^packages\/server\/src\/adapters\/[^/]+\/registry\.ts$/,
    may: ["adapter", "core/index", "transports"],
  },
  {
    name: "adapter",
    holds: /^packages\/server\/src\/adapters\//,
    may: ["core/index", "core/testing", "transports"],
  },
  { name: "transports", holds: /^packages\/server\/src\/(transports|hdf5)\//, may: ["core/index"] },
  { name: "problem", holds: /^packages\/server\/src\/http\/problem\.ts$/, may: ["core/index", "api"] },
  { name: "byte-range", holds: /^packages\/server\/src\/http\/byte-range\.ts$/, may: [] },
  {
    name: "http",
    holds: /^packages\/server\/src\/http\//,
    may: ["core/index", "api", "problem", "byte-range"],
  },
  {
    name: "gateway",
    holds: /^packages\/server\/src\/gateway\//,
    may: ["core/index", "store", "problem", "byte-range"],
  },
  {
    name: "workers",
    holds: /^packages\/server\/src\/workers\//,
    may: ["core/index", "gateway", "transports"],
  },
  { name: "store", holds: /^packages\/server\/src\/store\//, may: ["core/index", "transports"] },
  { name: "runner", holds: /^packages\/server\/src\/runner\//, may: ["core/index", "store"] },
  { name: "environments", holds: /^packages\/server\/src\/environments\//, may: ["core/index"] },
  {
    name: "config",
    holds: /^packages\/server\/src\/config\//,
    may: ["core/index", "core/base", "bootstrap", "server/registry", "environments"],
  },
  {
    name: "server/other",
    holds: /^packages\/server\/src\//,
    may: ["core/index", "store", "config", "environments", "transports"],
  },
];

export function roomOf(path: string): Room | null {
  return rooms.find((room) => room.holds.test(path)) ?? null;
}

/** Each import that runs against the direction of the house, in words. */
export function wrongDirections(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const from = roomOf(source.path);
    if (from === null) return [`${source.path}: is in no room of tools/house/layers.ts`];
    return source.imports.flatMap(({ file, specifier }) => {
      if (file === null) return [];
      const to = roomOf(file);
      if (to === null || to.name === from.name)
        return from.name === "adapter" ? otherAdapter(source.path, file) : [];
      if (from.may.includes("*") || from.may.includes(to.name)) return [];
      return [`${source.path}: ${from.name} may not import ${to.name} (${specifier})`];
    });
  });
}

function otherAdapter(from: string, to: string): string[] {
  const folder = (path: string) => path.split("/").slice(0, 6).join("/");
  return folder(from) === folder(to) || to.split("/").length < 7
    ? []
    : [`${from}: an adapter may not import another adapter (${to})`];
}

/** Each cycle of value imports, as `a → b → a`. */
export function cycles(sources: readonly Source[]): string[] {
  const edges = new Map(
    sources.map((source) => [
      source.path,
      source.imports.flatMap((one) => (one.typeOnly || one.file === null ? [] : [one.file])),
    ]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push([...trail.slice(start), path].join(" → "));
    if (start >= 0 || done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return found;
}
