import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { EndstationError, type Environment } from "@endstation/core";
import { parse } from "yaml";
import { z } from "zod";

const named = z.strictObject({ id: z.string(), label: z.string() });

/** `environment.yaml`: what an environment says of itself. */
const declaration = z.object({
  name: z.string().regex(/^[a-z0-9-]{1,60}$/),
  title: z.string(),
  description: z.string(),
  kind: z.enum(["jupyter", "desktop", "terminal", "batch"]),
  software: z.array(z.object({ name: z.string(), version: z.coerce.string() })),
  techniques: z.array(named).default([]),
  definitions: z.array(z.string()).default([]),
  instruments: z.array(z.string()).default([]),
  reason: z.string(),
  flavours: z.array(z.string()).min(1),
  notebooks: z.array(z.object({ file: z.string(), title: z.string(), description: z.string() })).default([]),
  source: z
    .object({ image: z.string().optional(), module: z.string().optional(), apptainer: z.string().optional() })
    .loose()
    .default({}),
});

/** Where the environments that were built on this machine lie, by name. */
export type BuiltEnvironments = Readonly<Record<string, { readonly path: string }>>;

/** Reads every declaration below `folder`; an error names the file and the field. */
export async function readEnvironments(
  folder: string,
  built: BuiltEnvironments,
): Promise<readonly Environment[]> {
  const names = await readdir(folder, { withFileTypes: true });
  const files = names
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name, "environment.yaml"));
  const found = await Promise.all(files.map((file) => readDeclaration(file, built)));
  return found.filter((environment) => environment !== null);
}

async function readDeclaration(file: string, built: BuiltEnvironments): Promise<Environment | null> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  return text === null ? null : environmentFrom(file, text, built);
}

export function environmentFrom(file: string, text: string, built: BuiltEnvironments): Environment {
  const parsed = declaration.safeParse(parse(text));
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
    throw new EndstationError("config-invalid", `${file}: ${faults}`);
  }
  const { reason, source, ...rest } = parsed.data;
  const path = built[rest.name]?.path;
  return {
    ...rest,
    madeFor: reason.replace(/^made for /, ""),
    source: {
      ...(path === undefined ? {} : { path }),
      ...(source.image === undefined ? {} : { image: source.image }),
      ...(source.module === undefined ? {} : { module: source.module }),
      ...(source.apptainer === undefined ? {} : { apptainer: source.apptainer }),
    },
  };
}
