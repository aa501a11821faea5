import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../bin/endstation.mjs", import.meta.url));

export interface Ran {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the real command in a process of its own, with a home of its own. */
export class Cli {
  readonly home = mkdtempSync(join(tmpdir(), "est-cli-"));
  readonly environment: Record<string, string>;

  constructor(environment: Record<string, string> = {}) {
    const { PATH = "" } = process.env;
    this.environment = { PATH, HOME: this.home, BROWSER: "none", ...environment };
  }

  run(...words: string[]): Promise<Ran> {
    return this.start(words).ended;
  }

  start(words: readonly string[]): {
    readonly child: ChildProcess;
    readonly ended: Promise<Ran>;
    err(): string;
  } {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, ...words], {
      env: this.environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const texts = { out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      texts.out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      texts.err += text;
    });
    const ended = new Promise<Ran>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode) => resolve({ exitCode, ...texts }));
    });
    return { child, ended, err: () => texts.err };
  }

  end(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}
