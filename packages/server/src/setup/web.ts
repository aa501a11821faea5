import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { EndstationError } from "@endstation/core";
import type { Outcome } from "./progress.ts";
import { run } from "./run.ts";

/** What the pages are made from, below the checkout. */
const sources = [
  "packages/web/index.html",
  "packages/web/package.json",
  "packages/web/vite.config.ts",
  "packages/web/public",
  "packages/web/src",
  "packages/viewer/index.html",
  "packages/viewer/package.json",
  "packages/viewer/vite.config.ts",
  "packages/viewer/src",
  "packages/api/src",
  "package-lock.json",
];

export interface WebOptions {
  readonly checkout: string;
  readonly softwareFolder: string;
}

/**
 * Builds the portal's pages into `<softwareFolder>/web-<digest of the sources>`; what has been built is used again.
 * @returns the folder; null where the checkout has no pages.
 * @throws `software-incomplete` with what the build said.
 */
export async function buildWeb(
  { checkout, softwareFolder }: WebOptions,
  tell: (detail: string) => void,
): Promise<Outcome<string | null>> {
  if (!existsSync(join(checkout, "packages/web/index.html")))
    return { value: null, detail: "there are none in this checkout", skipped: true };
  const folder = join(softwareFolder, `web-${digestOf(checkout)}`);
  if (existsSync(folder)) return { value: folder };
  tell("building them");
  const partial = join(softwareFolder, `.web-${process.pid}.partial`);
  try {
    await build(checkout, "packages/web", partial);
    await build(checkout, "packages/viewer", join(partial, "viewer"));
    await rename(partial, folder).catch((error: unknown) => {
      // Somebody else was quicker with the same sources.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return { value: folder };
}

async function build(checkout: string, part: string, target: string): Promise<void> {
  const vite = join(checkout, "node_modules/vite/bin/vite.js");
  const words = [
    vite,
    "build",
    "--outDir",
    target,
    "--emptyOutDir",
    "--configLoader",
    "native",
    "--logLevel",
    "warn",
  ];
  const env = { ...process.env, NODE_ENV: "production", NO_COLOR: "1" };
  const { code, output } = await run(process.execPath, words, { cwd: join(checkout, part), env });
  if (code === 0) return;
  const full = /ENOSPC|no space left/i.test(output);
  throw new EndstationError(
    full ? "disk-full" : "software-incomplete",
    `the web pages could not be built:\n${said(output)}`,
  );
}

/** What went wrong comes first, then the builder's own stack, which helps nobody. */
function said(output: string): string {
  const lines = output
    .trim()
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^\s+at /.test(line));
  return lines.slice(0, 12).join("\n");
}

function digestOf(checkout: string): string {
  const hash = createHash("sha256");
  const files = sources.flatMap((source) => filesOf(join(checkout, source))).toSorted();
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`${relative(checkout, file)} ${content.length}\n`).update(content);
  }
  return hash.digest("hex").slice(0, 12);
}

function filesOf(path: string): string[] {
  if (!existsSync(path)) return [];
  try {
    return readdirSync(path, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [path];
  }
}
