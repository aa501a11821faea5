import { readFileSync } from "node:fs";
import { type Techniques, type TechniqueTerm, techniquesFrom } from "@endstation/core";
import { z } from "zod";

const table = z.object({
  version: z.string(),
  terms: z.array(z.tuple([z.string(), z.string(), z.array(z.string())])),
});

/** A table of techniques as `tools/panet.ts` makes it; without a file the one that comes with the portal (CC BY 4.0). */
export function readTechniques(file: string | URL = new URL("panet.json", import.meta.url)): Techniques {
  const { terms } = table.parse(JSON.parse(readFileSync(file, "utf8")));
  return techniquesFrom(terms.map(([id, label, parents]): TechniqueTerm => ({ id, label, parents })));
}
