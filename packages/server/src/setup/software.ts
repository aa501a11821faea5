import { EndstationError, type ErrorCode, errorCodes } from "@endstation/core";
import { buildDemonstrationArchive } from "../../../../demo/build.mjs";
import { BuildError, type BuiltEnvironment, buildEnvironments } from "../../../../environments/build.mjs";
import type { Config } from "../config/index.ts";
import type { Outcome } from "./progress.ts";

/** Every environment that was built on this machine, by name. */
export type BuiltEnvironments = Readonly<Record<string, BuiltEnvironment>>;

/** @throws what stands in the way, with the code that the builder gave. */
export async function ensureEnvironments(
  config: Config,
  tell: (detail: string) => void,
): Promise<Outcome<BuiltEnvironments>> {
  const { softwareFolder, environments, python } = config;
  if (environments?.length === 0) return { value: {}, detail: "none is built here", skipped: true };
  const value = await coded(() =>
    buildEnvironments({
      softwareFolder,
      ...(python === null ? {} : { python }),
      ...(environments === null ? {} : { names: [...environments] }),
      onProgress: ({ name, step, done }) => {
        if (!done) tell(`${name}: ${step.toLowerCase()}`);
      },
    }),
  );
  return { value, detail: Object.keys(value).join(", ") };
}

/** The folder of the demonstration's archive; null where there is no demonstration. */
export async function ensureArchive(
  config: Config,
  tell: (detail: string) => void,
): Promise<Outcome<string | null>> {
  if (!config.demo) return { value: null, detail: "not asked for", skipped: true };
  const archiveFolder = config.storage.archive;
  const { datasets } = await coded(() =>
    buildDemonstrationArchive({
      softwareFolder: config.softwareFolder,
      archiveFolder,
      ...(config.python === null ? {} : { python: config.python }),
      onProgress: ({ step, done }) => {
        if (!done) tell(step.toLowerCase());
      },
    }),
  );
  return { value: archiveFolder, detail: `${datasets.length} datasets` };
}

async function coded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw faultOf(error);
  }
}

function faultOf(error: unknown): unknown {
  const words = error instanceof Error ? error.message : String(error);
  if (/ENOSPC|no space left/i.test(words)) return new EndstationError("disk-full", words, { cause: error });
  if (/EACCES|EROFS|EPERM|permission denied/i.test(words))
    return new EndstationError("state-unwritable", words, { cause: error });
  if (!(error instanceof BuildError)) return error;
  const isKnown = (errorCodes as readonly string[]).includes(error.code);
  const code = isKnown ? (error.code as ErrorCode) : "software-incomplete";
  const next =
    error.needs === undefined
      ? {}
      : { next: `On Debian or Ubuntu: apt-get install ${error.needs.join(" ")}` };
  return new EndstationError(code, words, { ...next, cause: error });
}
