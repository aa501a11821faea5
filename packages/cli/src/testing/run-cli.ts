import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Credentials } from "../credentials.ts";
import { run } from "../program.ts";
import { terminalOf } from "../terminal.ts";

const program = fileURLToPath(new URL("../../bin/endstation.mjs", import.meta.url));

export interface Ran {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

/** The command with a home of its own: within this process, or really in one of its own. */
export class Cli {
  readonly home = mkdtempSync(join(tmpdir(), "est-cli-"));
  readonly environment: Record<string, string>;

  constructor(environment: Record<string, string> = {}) {
    const { PATH = "" } = process.env;
    this.environment = { PATH, HOME: this.home, BROWSER: "none", ...environment };
  }

  /** Without a process, which is quicker; pauses are short. */
  async run(...words: string[]): Promise<Ran> {
    const texts = { out: "", err: "" };
    const stream = (name: "out" | "err") => ({
      write: (text: string) => {
        texts[name] += text;
      },
    });
    const context = {
      terminal: terminalOf(stream("out"), stream("err"), this.environment),
      environment: this.environment,
      credentials: new Credentials(this.environment),
      interrupted: new AbortController().signal,
      pause: (ms: number) => sleep(Math.min(ms, 20)),
    };
    return { exitCode: await run(words, context, "1.2.3"), ...texts };
  }

  /** As a person runs it. */
  runProcess(...words: string[]): Promise<Ran> {
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
