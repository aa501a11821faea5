import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";

/** A source file of ours and what it imports, as paths from the root (or package names). */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** The file it means, from the root; null for a package that is not ours. */
  readonly file: string | null;
  readonly typeOnly: boolean;
}

const skipped = new Set(["node_modules", "dist", ".git", "output", ".cache"]);
const ownPackages: Readonly<Record<string, string>> = {
  "@endstation/core": "packages/core/src/index.ts",
  "@endstation/core/testing": "packages/core/testing/index.ts",
  "@endstation/api": "packages/api/src/index.ts",
};

/** Every file below `folder` whose name ends in one of `endings`, as paths from the root, sorted. */
export function filesBelow(root: string, folder: string, endings: readonly string[]): string[] {
  const found: string[] = [];
  const visit = (path: string) => {
    for (const name of readdirSync(path)) {
      if (skipped.has(name)) continue;
      const inner = join(path, name);
      if (statSync(inner).isDirectory()) visit(inner);
      else if (endings.some((ending) => name.endsWith(ending)))
        found.push(relative(root, inner).split(sep).join("/"));
    }
  };
  try {
    visit(join(root, folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return found.sort();
}

/** All TypeScript of the packages, without tests. */
export function readSources(root: string): Source[] {
  return filesBelow(root, "packages", [".ts", ".tsx"])
    .filter((path) => !/\.test\.tsx?$|\.d\.ts$/.test(path))
    .map((path) => sourceOf(root, path));
}

export function sourceOf(root: string, path: string): Source {
  const text = readFileSync(join(root, path), "utf8");
  return { path, text, imports: importsOf(path, text) };
}

const importPattern =
  /^\s*(?:import|export)\s+(type\s)?[^;'"]*?from\s*["']([^"']+)["']|^\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;

export function importsOf(path: string, text: string): Import[] {
  return [...text.matchAll(importPattern)].map((match) => {
    const specifier = match[2] ?? match[3] ?? match[4] ?? "";
    return { specifier, file: fileOf(path, specifier), typeOnly: match[1] !== undefined };
  });
}

function fileOf(from: string, specifier: string): string | null {
  if (specifier.startsWith(".")) return posix.normalize(`${dirname(from)}/${specifier}`);
  return ownPackages[specifier] ?? (specifier.startsWith("@endstation/") ? specifier : null);
}
