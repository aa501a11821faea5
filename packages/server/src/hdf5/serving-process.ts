import { spawn } from "node:child_process";
import { z } from "zod";
import { environment, type ReaderCommand } from "./confinement.ts";
import { limits } from "./limits.ts";
import { type Ended, endOf, killGroup } from "./reader-process.ts";
import type { Question, ServingLine, Start } from "./serving/messages.ts";

/** What came of a question. `ended`: the process did, and with it this question. */
export type Outcome =
  | { readonly kind: "answer"; readonly type: string; readonly name: string | null; readonly bytes: Buffer }
  | {
      readonly kind: "refused";
      readonly refused: "absent" | "wrong" | "too-large" | "broken";
      readonly reason: string;
    }
  | {
      readonly kind: "ended";
      readonly why: Ended["why"];
      readonly wasReady: boolean;
      readonly stderr: string;
    };

/** A confined process that stays and answers one question after the other. */
export interface ServingProcess {
  /** Whether it takes another question. */
  isAlive(): boolean;
  /** Not before the last one has come to its outcome. */
  ask(question: Question): Promise<Outcome>;
  end(): void;
}

/** What it says is as untrusted as the files it reads: strictly this shape. */
const servingLine = z.union([
  z.strictObject({ ready: z.literal(true) }),
  z.strictObject({
    type: z.enum(["application/json", "application/octet-stream", "text/csv", "image/tiff"]),
    name: z.enum(["data.npy", "data.csv", "data.tiff"]).nullable(),
    length: z.int().min(0).max(limits.serving.answer),
    last: z.boolean(),
  }),
  z.strictObject({
    refused: z.enum(["absent", "wrong", "too-large", "broken"]),
    reason: z.string().max(1000),
    last: z.boolean(),
  }),
]);

type Answering = Extract<ServingLine, { readonly length: number }>;

/** Starts a process; the first question waits until it is ready. `onEnd` is told once. */
export function startServing(
  command: ReaderCommand,
  perQuestionMs: number,
  onEnd: () => void,
): ServingProcess {
  const child = spawn(command.command, [...command.args], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    cwd: "/",
    env: Object.fromEntries(environment),
    ...(command.account ?? {}),
  });
  let resolveNow: ((outcome: Outcome) => void) | null = null;
  let answering: Answering | null = null;
  let parts: Buffer[] = [];
  let held = 0;
  let isLast = false;
  let why: Ended["why"] | null = null;
  let stderr = "";
  let wasReady = false;
  let timer: NodeJS.Timeout | null = null;

  const kill = (reason: Ended["why"]) => {
    why ??= reason;
    isLast = true;
    killGroup(child.pid);
  };
  const settle = (outcome: Outcome) => {
    if (timer !== null) clearTimeout(timer);
    const resolve = resolveNow;
    [resolveNow, answering] = [null, null];
    if (resolve === null) kill("babble");
    else resolve(outcome);
  };
  const take = () => {
    for (;;) {
      if (why !== null) return;
      if (answering === null) {
        const line = nextLine();
        if (line === null) return;
        hear(line);
      } else {
        if (held < answering.length) return;
        const { type, name, length } = answering;
        settle({ kind: "answer", type, name, bytes: takeBytes(length) });
      }
    }
  };
  const nextLine = (): string | null => {
    const last = parts.at(-1);
    const end = last?.indexOf(0x0a) ?? -1;
    if (last === undefined || end < 0) {
      if (held > 8192) kill("babble");
      return null;
    }
    return takeBytes(held - last.length + end + 1).toString("utf8");
  };
  const takeBytes = (length: number): Buffer => {
    const all = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    parts = all.length === length ? [] : [all.subarray(length)];
    held = all.length - length;
    return all.subarray(0, length);
  };
  const hear = (text: string) => {
    const line = lineOf(text);
    if (line === null) return kill("babble");
    if ("ready" in line) {
      wasReady = true;
      return;
    }
    isLast ||= line.last;
    if ("length" in line) answering = line;
    else settle({ kind: "refused", refused: line.refused, reason: line.reason });
  };

  child.stdout.on("data", (part: Buffer) => {
    parts.push(part);
    held += part.length;
    // An answer is put together once, when all of it is there.
    if (answering === null || held >= answering.length) take();
  });
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    if (stderr.length < 4096) stderr += part.slice(0, 4096);
  });
  child.stdin.on("error", () => {});
  child.on("error", (error) => {
    stderr += error.message;
  });
  child.on("close", (code, name) => {
    isLast = true;
    killGroup(child.pid);
    if (resolveNow !== null)
      settle({ kind: "ended", why: why ?? endOf(code, name, stderr), wasReady, stderr });
    onEnd();
  });
  const start: Start = { root: command.root, plugins: command.plugins };
  child.stdin.write(`${JSON.stringify(start)}\n`);

  return {
    isAlive: () => !isLast,
    ask: (question) =>
      new Promise((resolve) => {
        resolveNow = resolve;
        timer = setTimeout(() => kill("silent"), perQuestionMs);
        child.stdin.write(`${JSON.stringify(question)}\n`);
      }),
    end: () => kill("cancelled"),
  };
}

function lineOf(text: string): ServingLine | null {
  try {
    const parsed = servingLine.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
