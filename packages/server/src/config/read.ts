import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { EndstationError } from "@endstation/core";
import { LineCounter, parseDocument } from "yaml";
import type { Config } from "./config.ts";
import { type Fault, faultAt, faultsOf, type Source } from "./faults.ts";
import { type Options, readOptions } from "./options.ts";
import { resolveConfig } from "./resolve.ts";
import { type ConfigFile, configSchema } from "./schema.ts";
import { contradictions } from "./sense.ts";

export interface Surroundings {
  /** The words after the program's name. */
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Reads options, environment and the configuration file.
 * @throws `config-invalid` with every fault that was found, each with its line and key.
 */
export function readConfig({ argv, env }: Surroundings): Config {
  const { options, faults: optionFaults } = readOptions(argv);
  const name = options.config ?? nonEmpty(env["ENDSTATION_CONFIG"]);
  const file = name === undefined ? null : resolve(name);
  const faults: Fault[] = optionFaults.map((message) => ({ line: null, key: "", message }));
  const port = portOf(options, env, faults);
  const parsed = readFile(file, faults);
  if (parsed === null || faults.length > 0) throw invalid(file, faults);
  const folder = file === null ? process.cwd() : dirname(file);
  return resolveConfig({ parsed, file, folder, options, env, port });
}

function portOf(options: Options, env: NodeJS.ProcessEnv, faults: Fault[]): number | null {
  const [key, text] =
    options.port === undefined
      ? ["ENDSTATION_PORT", nonEmpty(env["ENDSTATION_PORT"])]
      : ["--port", options.port];
  if (text === undefined) return null;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  faults.push({ line: null, key, message: `"${text}" is not a port (1 to 65535)` });
  return null;
}

/** What the file says, with defaults; null where it says something wrong, which is then among the faults. */
function readFile(file: string | null, faults: Fault[]): ConfigFile | null {
  const source = parse(file === null ? "" : textOf(file));
  for (const error of source.document.errors)
    faults.push({
      line: error.linePos?.[0].line ?? null,
      key: "",
      message: error.message.split("\n")[0] ?? "",
    });
  if (source.document.errors.length > 0) return null;
  const checked = configSchema.safeParse(source.document.toJS() ?? {});
  if (!checked.success) {
    faults.push(...faultsOf(checked.error.issues, source, configSchema));
    return null;
  }
  for (const { path, message } of contradictions(checked.data)) faults.push(faultAt(source, path, message));
  return checked.data;
}

function parse(text: string): Source {
  const lines = new LineCounter();
  return { document: parseDocument(text, { lineCounter: lines, prettyErrors: true }), lines };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`;
    throw new EndstationError("config-invalid", `the configuration ${file}: ${why}`, {
      next: "Check the path that --config or ENDSTATION_CONFIG names.",
      cause,
    });
  }
}

function invalid(file: string | null, faults: readonly Fault[]): EndstationError {
  const lines = [...faults]
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
    .map(({ line, key, message }) => {
      const where = [line === null ? "" : `line ${line}`, key].filter((part) => part !== "").join(", ");
      return where === "" ? message : `${where}: ${message}`;
    });
  const holder = file ?? "the command line or the environment";
  const detail = lines.length === 1 ? `${holder}: ${lines[0]}` : [`${holder}:`, ...lines].join("\n  ");
  return new EndstationError("config-invalid", detail, { details: { file, faults } });
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
