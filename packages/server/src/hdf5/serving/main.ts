import "../worker/platform.ts";
import { createInterface } from "node:readline";
import { listenToLibrary } from "../worker/faults.ts";
import { guard } from "../worker/guard.ts";
import { type Answer, answerTo } from "./answer.ts";
import { library, memoryHeld } from "./library.ts";
import type { Question, ServingLine, Start } from "./messages.ts";
import { closeFiles } from "./open-file.ts";
import { bounds, Refusal } from "./refusal.ts";

/**
 * A serving process: the first line of stdin says where the files are, each further one is a question; answers go to stdout
 * in the same order. It ends when its memory has grown too much, or when the library is in a state that nobody knows.
 */
const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
let root: string | null = null;
for await (const line of lines) {
  if (root === null) {
    root = begin(JSON.parse(line) as Start);
    await say({ ready: true });
  } else if (await serve(root, JSON.parse(line) as Question)) break;
}
process.exit(0);

function begin({ root: folder, plugins }: Start): string {
  library.insert_plugin_search_path(plugins, 0);
  listenToLibrary();
  guard([folder, plugins]);
  return folder;
}

/** Answers; true when the process is to end. */
async function serve(folder: string, question: Question): Promise<boolean> {
  let answer: Answer;
  try {
    answer = answerTo(folder, question);
  } catch (error) {
    return refuse(error);
  }
  const last = memoryHeld() > bounds.kept;
  const length = answer.parts.reduce((sum, part) => sum + part.length, 0);
  await say({ type: answer.type, name: answer.name, length, last });
  for (const part of answer.parts) await write(part);
  answer.release();
  return last;
}

async function refuse(error: unknown): Promise<boolean> {
  const isExpected = error instanceof Refusal;
  const refused = isExpected ? error.refused : "broken";
  const reason = isExpected ? error.message : "reading it made the reader crash";
  const last = !isExpected || memoryHeld() > bounds.kept;
  await say({ refused, reason: reason.slice(0, 1000), last });
  if (!last && refused === "broken") closeFiles();
  return last;
}

function say(line: ServingLine): Promise<void> {
  return write(Buffer.from(`${JSON.stringify(line)}\n`));
}

function write(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) =>
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve())),
  );
}
