import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { adapterFaults } from "./house/adapters.ts";
import { errorPageFaults } from "./house/errors-page.ts";
import { cycles, wrongDirections } from "./house/layers.ts";
import { brokenLinks } from "./house/links.ts";
import { impurities } from "./house/purity.ts";
import { longFiles } from "./house/sizes.ts";
import { readSources } from "./house/source.ts";
import { outdatedPages } from "./pages/pages.ts";

/** `npm run check`: types, lint and format, and the house's own checks. */
const root = join(import.meta.dirname, "..");
const sources = readSources(root);

const checks: readonly (readonly [string, () => string[]])[] = [
  ...["packages/core", "packages/api", "packages/web", "packages/viewer", "."].map(
    (folder) => [`types of ${folder}`, () => run("tsc", ["-p", folder])] as const,
  ),
  ["lint and format", () => run("biome", ["check", "--max-diagnostics=50", "."])],
  ["who may import whom", () => wrongDirections(sources)],
  ["no cycles", () => cycles(sources)],
  ["purity of core", () => impurities(root, sources)],
  ["adapters registered and complete", () => adapterFaults(root)],
  ["errors and their page", () => errorPageFaults(root)],
  ["pages made from the code", () => outdatedPages(root)],
  ["links in the docs", () => brokenLinks(root)],
];

function run(command: string, args: readonly string[]): string[] {
  const ran = spawnSync(join(root, "node_modules/.bin", command), args, { cwd: root, encoding: "utf8" });
  return ran.status === 0 ? [] : [`${ran.stdout}${ran.stderr}`.trim()];
}

let failed = 0;
for (const [name, check] of checks) {
  const faults = check();
  console.log(`${faults.length === 0 ? "✔" : "✖"} ${name}`);
  for (const fault of faults) console.log(`    ${fault.replaceAll("\n", "\n    ")}`);
  if (faults.length > 0) failed += 1;
}
const long = longFiles(sources);
if (long.length > 0) console.log(`\nWorth a second look:\n  ${long.join("\n  ")}`);
console.log(`\n${checks.length - failed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed === 0 ? 0 : 1;
