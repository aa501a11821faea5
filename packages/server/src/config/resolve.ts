import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { EndstationError, hour, minute } from "@endstation/core";
import { softwareFolderOf, stateFolderOf } from "../../../../bootstrap/folders.mjs";
import { ownUserIds } from "../../../../bootstrap/users.mjs";
import type { Config } from "./config.ts";
import { isLoopbackUrl } from "./loopback.ts";
import type { Options } from "./options.ts";
import type { ConfigFile } from "./schema.ts";

interface Given {
  readonly parsed: ConfigFile;
  readonly file: string | null;
  /** What relative paths of the file start from. */
  readonly folder: string;
  readonly options: Options;
  readonly env: NodeJS.ProcessEnv;
  readonly port: number | null;
}

/** More of them have not been measured to pay. */
const mostWorkers = 4;

/** An ended session that is still seen is ended again after so long. */
const terminateAgainAfter = minute;

/** Puts options over environment over file over defaults. @throws config-invalid when the database's file is unreadable. */
export function resolveConfig(given: Given): Config {
  const { parsed, file, options } = given;
  const listen = { host: parsed.listen.host, port: given.port ?? parsed.listen.port };
  const folders = foldersOf(given);
  const publicUrl = parsed.publicUrl ?? `http://localhost${listen.port === 80 ? "" : `:${listen.port}`}`;
  const demo = parsed.demo ?? (parsed.identity === undefined && parsed.catalogues === undefined);
  return {
    file,
    listen,
    publicUrl,
    sessionsDomain: parsed.sessionsDomain ?? null,
    trustedProxies: parsed.trustedProxies,
    workers: parsed.workers ?? (isLoopbackUrl(publicUrl) ? 1 : Math.min(availableParallelism(), mostWorkers)),
    ...folders,
    demo,
    install: options.install,
    databaseUrl: databaseUrlOf(given),
    identity: identityOf(given),
    catalogues: cataloguesOf(given, demo, folders.storage.archive),
    harvestEverySeconds: parsed.harvestMinutes * 60,
    instrumentScientists: parsed.instrumentScientists,
    compute: parsed.compute,
    sources: parsed.sources,
    tunnel: parsed.tunnel ?? null,
    flavours: parsed.flavours,
    environments: parsed.environments ?? null,
    ...limitsOf(parsed),
    mail: mailOf(given),
    support: parsed.support,
    posix: posixOf(parsed.posix),
    python: parsed.python ?? null,
    logLevel: parsed.logLevel,
  };
}

function foldersOf({ parsed, folder, options, env }: Given) {
  const named = options.state ?? (env["ENDSTATION_STATE"] || undefined);
  const fromFile = parsed.stateFolder === undefined ? undefined : resolve(folder, parsed.stateFolder);
  const stateFolder = stateFolderOf({ option: named ?? fromFile, environment: env });
  const below = (name: string, path: string | undefined) =>
    path === undefined ? join(stateFolder, name) : resolve(folder, path);
  const { archive, homes, results } = parsed.storage;
  return {
    stateFolder,
    softwareFolder:
      parsed.softwareFolder === undefined ? softwareFolderOf(env) : resolve(folder, parsed.softwareFolder),
    storage: {
      archive: below("archive", archive),
      homes: below("homes", homes),
      results: below("results", results),
    },
  };
}

function cataloguesOf({ parsed, folder }: Given, demo: boolean, archive: string): Config["catalogues"] {
  const named = (parsed.catalogues ?? []).map((one) => ({ ...one, file: resolve(folder, one.file) }));
  if (!demo || named.some((one) => one.name === "demo")) return named;
  return [{ name: "demo", type: "folder", file: join(archive, "facility.yaml") }, ...named];
}

function identityOf({ parsed, folder }: Given): Config["identity"] {
  if (parsed.identity === undefined) return null;
  const { clientSecretFile, ...rest } = parsed.identity;
  return clientSecretFile === undefined
    ? rest
    : { ...rest, clientSecretFile: resolve(folder, clientSecretFile) };
}

function databaseUrlOf({ parsed, folder, env }: Given): string | null {
  const fromEnvironment = env["DATABASE_URL"];
  if (fromEnvironment) return demandUrl(fromEnvironment, "DATABASE_URL");
  if (parsed.database.urlFile === undefined) return null;
  const file = resolve(folder, parsed.database.urlFile);
  return demandUrl(readSecret(file, "database.urlFile"), file);
}

function mailOf({ parsed, folder }: Given): Config["mail"] {
  if (parsed.mail === undefined) return null;
  const file = resolve(folder, parsed.mail.urlFile);
  const url = readSecret(file, "mail.urlFile");
  if (/^smtps?:\/\//.test(url) && URL.canParse(url)) return { url, from: parsed.mail.from };
  throw new EndstationError("config-invalid", `${file}: is not a URL of the form smtps://user:password@host`);
}

function readSecret(file: string, setting: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new EndstationError("config-invalid", `${setting}: ${file} cannot be read (${code})`, { cause });
  }
}

/** The URL itself is not shown: it holds a password. One without a host names a socket's folder in `?host=`. */
function demandUrl(url: string, where: string): string {
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url.replace("@/", "@localhost/"))) return url;
  throw new EndstationError(
    "config-invalid",
    `${where}: is not a URL of the form postgres://user:password@host/name`,
  );
}

function limitsOf({ limits }: ConfigFile): Pick<Config, "admission" | "life"> {
  const { idleHours, warnMinutes, startMinutes, ...admission } = limits;
  return {
    admission,
    life: {
      startWithin: startMinutes * minute,
      warnBefore: warnMinutes * minute,
      idleAfter: idleHours === null ? null : idleHours * hour,
      terminateAgainAfter,
    },
  };
}

function posixOf(given: ConfigFile["posix"]): Config["posix"] {
  const usual = ownUserIds().sessions;
  const { first = usual.first, last = usual.last } = given ?? {};
  return { accounts: {}, groups: {}, sameNames: false, ...given, first, last };
}
