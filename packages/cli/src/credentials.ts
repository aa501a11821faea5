import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { Failure } from "./failure.ts";

/** A log-in of this command at a portal. `tokenId` is by what it can be revoked. */
export interface Credential {
  readonly account: string;
  readonly token: string;
  readonly tokenId: string | null;
}

interface Kept {
  /** The portal that is meant when none is named. */
  readonly current: string | null;
  readonly portals: Readonly<Record<string, Credential>>;
}

const nothing: Kept = { current: null, portals: {} };

/** The file with this command's log-ins: `$XDG_CONFIG_HOME/endstation/credentials.json`, readable by its owner only. */
export class Credentials {
  readonly #folder: string;
  readonly #file: string;

  constructor(environment: NodeJS.ProcessEnv) {
    const named = environment["XDG_CONFIG_HOME"] ?? "";
    const home = environment["HOME"] ?? "";
    const base = isAbsolute(named) ? named : join(isAbsolute(home) ? home : homedir(), ".config");
    this.#folder = join(base, "endstation");
    this.#file = join(this.#folder, "credentials.json");
  }

  get current(): string | null {
    return this.#read().current;
  }

  of(portal: string): Credential | null {
    return this.#read().portals[portal] ?? null;
  }

  keep(portal: string, credential: Credential): void {
    const { portals } = this.#read();
    this.#write({ current: portal, portals: { ...portals, [portal]: credential } });
  }

  forget(portal: string): void {
    const { current, portals } = this.#read();
    const rest = Object.fromEntries(Object.entries(portals).filter(([url]) => url !== portal));
    this.#write({ current: current === portal ? (Object.keys(rest)[0] ?? null) : current, portals: rest });
  }

  #read(): Kept {
    let text: string;
    try {
      text = readFileSync(this.#file, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return nothing;
      throw this.#unusable(error);
    }
    try {
      return { ...nothing, ...(JSON.parse(text) as Partial<Kept>) };
    } catch (error) {
      throw this.#unusable(error);
    }
  }

  /** Written beside and moved into place, so that a broken-off write loses nothing. */
  #write(kept: Kept): void {
    const fresh = `${this.#file}.${process.pid}`;
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeFileSync(fresh, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
      chmodSync(fresh, 0o600);
      renameSync(fresh, this.#file);
    } catch (error) {
      throw this.#unusable(error);
    }
  }

  #unusable(error: unknown): Failure {
    const why = error instanceof Error ? error.message : String(error);
    return new Failure(
      "credentials-unusable",
      `the file with log-ins cannot be used: ${why}`,
      `Look at ${this.#file}.`,
    );
  }
}
