import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Source } from "./source.ts";

const forbidden: readonly (readonly [RegExp, string])[] = [
  [/\bnew Date\b|\bDate\.\w+/, "time comes in as an argument, not from Date"],
  [/\bMath\.random\b/, "chance comes in through Ids, not from Math.random"],
  [/\bperformance\.now\b/, "time comes in as an argument"],
  [/\bprocess\.|\bglobalThis\b/, "core knows no platform"],
];

/** What makes core impure: time, chance, a platform, a dependency, an import from outside. */
export function impurities(root: string, sources: readonly Source[]): string[] {
  const core = sources.filter((source) => source.path.startsWith("packages/core/src/"));
  const lines = core.flatMap((source) =>
    withoutComments(source.text).flatMap((line, index) =>
      forbidden
        .filter(([pattern]) => pattern.test(line))
        .map(([, why]) => `${source.path}:${index + 1}: ${why}`),
    ),
  );
  const imports = core.flatMap((source) =>
    source.imports
      .filter((one) => !one.specifier.startsWith("."))
      .map((one) => `${source.path}: core imports nothing from outside (${one.specifier})`),
  );
  return [...lines, ...imports, ...dependencies(root)];
}

function dependencies(root: string): string[] {
  const manifest = JSON.parse(readFileSync(join(root, "packages/core/package.json"), "utf8")) as {
    dependencies?: object;
  };
  return Object.keys(manifest.dependencies ?? {}).map(
    (name) => `packages/core/package.json: core has no dependency (${name})`,
  );
}

function withoutComments(text: string): string[] {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ""))
    .split("\n")
    .map((line) => line.replace(/\/\/.*$/, ""));
}
