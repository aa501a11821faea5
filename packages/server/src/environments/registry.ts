import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { EndstationError, type Environment, type EnvironmentSource } from "@endstation/core";
import { parse } from "yaml";
import { type Declaration, declaration } from "./declaration.ts";

/** Where the environments that were built on this machine lie, by name. */
export type BuiltEnvironments = Readonly<
  Record<string, { readonly path: string; readonly staticFiles?: string | null }>
>;

/** What the facility's configuration says of an environment's software, by the environment's name. */
export type EnvironmentSources = Readonly<Record<string, Sources>>;

interface Read {
  readonly file: string;
  readonly environment: Environment;
  /** The environment whose software it has; undefined: its own. */
  readonly softwareOf: string | undefined;
}

/** Reads every declaration below `folder`; an error names the file and the field. */
export async function readEnvironments(
  folder: string,
  built: BuiltEnvironments,
  here: EnvironmentSources = {},
): Promise<readonly Environment[]> {
  const names = await readdir(folder, { withFileTypes: true });
  const files = names
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name, "environment.yaml"));
  const found = await Promise.all(files.map((file) => readDeclaration(file, built, here)));
  return found.filter((read) => read !== null).map((read, _, all) => withSoftware(read, all));
}

/** What a site says of its own source still stands before the other's. */
function withSoftware({ file, environment, softwareOf }: Read, all: readonly Read[]): Environment {
  if (softwareOf === undefined) return environment;
  const other = all.find((one) => one.environment.name === softwareOf && one.softwareOf === undefined);
  if (other === undefined)
    throw new EndstationError(
      "config-invalid",
      `${file}: softwareOf: there is no environment "${softwareOf}" with software of its own`,
    );
  return {
    ...environment,
    software: [...environment.software, ...other.environment.software],
    source: { ...other.environment.source, ...environment.source },
  };
}

async function readDeclaration(
  file: string,
  built: BuiltEnvironments,
  here: EnvironmentSources,
): Promise<Read | null> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  return text === null ? null : readFrom(file, text, built, here);
}

/**
 * The environment that the text of `file` declares.
 * @throws EndstationError `config-invalid` naming file and fields, unknown ones included.
 */
export function environmentFrom(
  file: string,
  text: string,
  built: BuiltEnvironments,
  here: EnvironmentSources = {},
): Environment {
  return readFrom(file, text, built, here).environment;
}

function readFrom(file: string, text: string, built: BuiltEnvironments, here: EnvironmentSources): Read {
  const parsed = declaration.safeParse(yamlOf(file, text));
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
    throw new EndstationError("config-invalid", `${file}: ${faults}`);
  }
  const folder = basename(dirname(file));
  if (parsed.data.name !== folder)
    throw new EndstationError("config-invalid", `${file}: name: must be ${folder}, as its folder is called`);
  const { reason, source, softwareOf, notebooks, licences: _, ...rest } = parsed.data;
  const environment = {
    ...rest,
    madeFor: reason.replace(/^made for /, ""),
    notebooks: notebooks.map(({ parameters, ...one }) => ({
      ...one,
      parameters: parameters.map(({ unit = null, ...parameter }) => ({ ...parameter, unit })),
    })),
    source: sourceOf(source, built[rest.name]?.path, here[rest.name]),
  };
  return { file, environment, softwareOf };
}

function yamlOf(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new EndstationError("config-invalid", `${file}: ${(error as Error).message}`);
  }
}

type Sources = Declaration["source"];

/** What the facility's configuration says stands before what the declaration says, and that before what was built here. */
function sourceOf(declared: Sources, built: string | undefined, here: Sources = {}): EnvironmentSource {
  const stated = [{ path: built }, declared, here].flatMap((source) => Object.entries(source));
  return Object.fromEntries(stated.filter(([, value]) => value !== undefined));
}
