import type { AdmissionLimits, Flavour, LifeLimits, SupportRule } from "@endstation/core";
import type { ConfigFile } from "./schema.ts";

/** Which of the facility's own users and groups people and proposals are on the machines. */
export interface FacilityNames {
  /** User names by the portal's account. */
  readonly accounts: Readonly<Record<string, string>>;
  /** Group names by proposal. */
  readonly groups: Readonly<Record<string, string>>;
  /** Whether an account or proposal that is not named there has the name that it has in the portal. */
  readonly sameNames: boolean;
}

/** Everything that can be configured, with its defaults; folders are absolute, times in milliseconds where core counts so. */
export interface Config {
  /** The file that was read; null where there was none. */
  readonly file: string | null;
  readonly listen: { readonly host: string; readonly port: number };
  /** An origin: no path, no closing slash. */
  readonly publicUrl: string;
  readonly sessionsDomain: string | null;
  readonly trustedProxies: readonly string[];
  /** Processes that share the port; 1: the portal itself listens. */
  readonly workers: number;
  readonly stateFolder: string;
  readonly softwareFolder: string;
  /** Whether the demonstration facility is made and shown. */
  readonly demo: boolean;
  /** Whether system packages may be installed. */
  readonly install: boolean;
  /** Of the facility's own PostgreSQL; null: the embedded one. Holds a password: never to be logged. */
  readonly databaseUrl: string | null;
  /** Null: the development issuer. */
  readonly identity: NonNullable<ConfigFile["identity"]> | null;
  readonly catalogues: NonNullable<ConfigFile["catalogues"]>;
  readonly harvestEverySeconds: number;
  /** Instruments whose data their scientists may read, by account; they also need the role. */
  readonly instrumentScientists: Readonly<Record<string, readonly string[]>>;
  readonly compute: ConfigFile["compute"];
  /** Where environments' software is, by environment, beyond what is built here. */
  readonly sources: ConfigFile["sources"];
  /** Where sessions on other machines dial in; null: nowhere. */
  readonly tunnel: NonNullable<ConfigFile["tunnel"]> | null;
  readonly storage: { readonly archive: string; readonly homes: string; readonly results: string };
  readonly flavours: readonly Flavour[];
  /** Names of the environments to build and offer; null: all. */
  readonly environments: readonly string[] | null;
  readonly admission: AdmissionLimits;
  /** How the facility's support gets into somebody's session. */
  readonly support: SupportRule;
  /** Null: no e-mail goes out. The URL may hold a password: never to be logged. */
  readonly mail: { readonly url: string; readonly from: string } | null;
  readonly life: LifeLimits;
  readonly posix: FacilityNames & { readonly first: number; readonly last: number };
  readonly python: string | null;
  readonly logLevel: ConfigFile["logLevel"];
}

/** The addresses to listen on: `localhost` is both loopback ones (a machine without IPv6 has no `::1`). */
export function listenAddresses(config: Pick<Config, "listen">): readonly string[] {
  return config.listen.host === "localhost" ? ["127.0.0.1", "::1"] : [config.listen.host];
}
