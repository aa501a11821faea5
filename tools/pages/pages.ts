import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { requirementsPage } from "./requirements.ts";
import { withStateDiagram } from "./state-diagram.ts";

/** A page that is made from the code, whole or in part. */
export interface GeneratedPage {
  readonly path: string;
  make(root: string): string;
}

export const generatedPages: readonly GeneratedPage[] = [
  { path: "docs/requirements.md", make: requirementsPage },
  {
    path: "ARCHITECTURE.md",
    make: (root) => withStateDiagram(readFileSync(join(root, "ARCHITECTURE.md"), "utf8")),
  },
];

/** Pages that are not as the code makes them. */
export function outdatedPages(root: string, pages = generatedPages): string[] {
  return pages
    .filter(
      ({ path, make }) =>
        !existsSync(join(root, path)) || readFileSync(join(root, path), "utf8") !== make(root),
    )
    .map(({ path }) => `${path}: is not as the code makes it; run \`node tools/generate.ts\``);
}
