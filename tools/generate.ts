import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generatedPages } from "./pages/pages.ts";

/** Writes every page that is made from the code. */
const root = join(import.meta.dirname, "..");
for (const { path, make } of generatedPages) {
  writeFileSync(join(root, path), make(root));
  console.log(path);
}
