import { type FileHandle, open } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Session } from "@endstation/core";
import type { Logger } from "pino";
import type { Presence } from "../presence.ts";
import type { Asked } from "../rules.ts";
import { answerWith, type FileAnswer } from "./answer.ts";
import type { StaticFile, StaticFiles, Stored } from "./list.ts";

/** A request of somebody who was let in. */
export interface FileRequest {
  readonly asked: Asked;
  readonly response: ServerResponse;
  readonly presence: Presence;
}

/** The file that is asked for, where the session's environment has it; null: its own server is to be asked. */
export function staticFileFor(files: StaticFiles, asked: Asked, session: Session): StaticFile | null {
  if (asked.method !== "GET" && asked.method !== "HEAD") return null;
  const { headers } = asked;
  if (headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined) return null;
  const [path = ""] = asked.target.split("?", 1);
  return files.get(session.environment)?.get(path) ?? null;
}

/** Serves a file as a stream; false, with nothing said yet, when it is no longer as it was listed. */
export async function serveFile(
  file: StaticFile,
  { asked, response, presence }: FileRequest,
  log: Logger,
): Promise<boolean> {
  const answer = answerWith(file, asked);
  const handle = await opened(answer.representation.stored);
  if (handle === null) {
    log.warn({ file: answer.representation.stored.path }, "a listed static file is not as it was");
    return false;
  }
  const closed = presence.opened(() => response.destroy());
  try {
    await send(answer, handle, response);
  } finally {
    closed();
    await handle.close();
  }
  return true;
}

async function send({ status, headers, body }: FileAnswer, handle: FileHandle, response: ServerResponse) {
  if (response.destroyed) return;
  response.writeHead(status, [...headers]);
  if (body === null) return void response.end();
  const stream = handle.createReadStream({ ...body, autoClose: false });
  // A browser that goes away in the middle is no fault.
  await pipeline(stream, response).catch(() => response.destroy());
}

async function opened({ path, size }: Stored): Promise<FileHandle | null> {
  const handle = await open(path).catch(() => null);
  if (handle === null || (await handle.stat()).size === size) return handle;
  await handle.close();
  return null;
}
