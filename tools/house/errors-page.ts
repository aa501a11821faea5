import { readFileSync } from "node:fs";
import { join } from "node:path";
import { errorCatalogue, errorCodes } from "@endstation/core";

/** Where `docs/errors.md` and the catalogue differ. */
export function errorPageFaults(root: string): string[] {
  const page = readFileSync(join(root, "docs/errors.md"), "utf8");
  return errorPageDifferences(
    page,
    errorCodes,
    (code) => errorCatalogue[code as keyof typeof errorCatalogue][0],
  );
}

export function errorPageDifferences(
  page: string,
  codes: readonly string[],
  titleOf: (code: string) => string,
): string[] {
  const entries = new Map(
    [...page.matchAll(/^## ([a-z0-9-]+)\n+([\s\S]*?)(?=^## |(?![\s\S]))/gm)].map((match) => [
      match[1] as string,
      match[2] as string,
    ]),
  );
  return [
    ...codes.filter((code) => !entries.has(code)).map((code) => `docs/errors.md: has no entry for ${code}`),
    ...[...entries.keys()]
      .filter((code) => !codes.includes(code))
      .map((code) => `docs/errors.md: ${code} is not in the catalogue`),
    ...codes
      .filter((code) => entries.has(code) && !entries.get(code)?.includes(titleOf(code)))
      .map((code) => `docs/errors.md: ${code} does not say "${titleOf(code)}"`),
    ...[...entries]
      .filter(([, text]) => text.trim().split("\n").length < 2)
      .map(([code]) => `docs/errors.md: ${code} does not say who can fix it and how`),
  ];
}
