import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./documented.ts";

/** What a command did. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
  /** What it has said on stderr so far. */
  err(): string;
}

/** A person's terminal: a settings folder of its own, no browser, the checkout as the folder she is in. */
export class Terminal {
  readonly settings: string = mkdtempSync(join(tmpdir(), "es-cli-"));
  readonly #env: Readonly<Record<string, string>>;

  constructor(env: Readonly<Record<string, string>> = {}) {
    this.#env = env;
  }

  /** `endstation WORD…` */
  run(...words: readonly string[]): Promise<Ran> {
    return this.start(words).ended;
  }

  /** By `npx`, as the README says, or without it, which is quicker. */
  start(words: readonly string[], { npx = false }: { npx?: boolean } = {}): Running {
    const [program, first] = npx
      ? ["npx", ["endstation"]]
      : [process.execPath, ["--disable-warning=ExperimentalWarning", "packages/cli/bin/endstation.mjs"]];
    const child = spawn(program, [...first, ...words], {
      cwd: root,
      env: { ...process.env, XDG_CONFIG_HOME: this.settings, BROWSER: "none", ...this.#env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      err += text;
    });
    const ended = new Promise<Ran>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, out, err }));
    });
    return { child, ended, err: () => err };
  }

  close(): void {
    rmSync(this.settings, { recursive: true, force: true });
  }
}
