import { createHash } from "node:crypto";
import { refuse } from "@endstation/core";
import { type Answer, always } from "../../answers.ts";
import type { Inside } from "../inside.ts";
import { type Ruling, refusing } from "../viewing.ts";
import { modelOf, type OpenDocument } from "./documents.ts";
import { encoded } from "./targets.ts";

export function json(body: unknown, status = 200): Ruling {
  const headers = { ...always, "Content-Type": "application/json" };
  return { does: "answer", answer: { status, headers, body: status === 204 ? "" : JSON.stringify(body) } };
}

export function answer(given: Answer): Ruling {
  return { does: "answer", answer: given };
}

export const notForViewers: Ruling & { does: "refuse" } = refusing(
  refuse("not-allowed", "this is not for those who look on"),
);

/** An id that says nothing of the real one. */
function idOf(what: string, path: string): string {
  const hex = createHash("sha256").update(`${what} ${path}`).digest("hex");
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const longAgo = "1970-01-01T00:00:00Z";

export function playedKernelModel({ path, kernel }: OpenDocument) {
  const name = kernel ?? "python3";
  return {
    ...{ id: idOf("kernel", path), name, last_activity: longAgo },
    ...{ execution_state: "idle", connections: 1 },
  };
}

/** The session of a notebook with the kernel that is played for it. */
export function playedSession(document: OpenDocument) {
  const { path } = document;
  const name = path.split("/").at(-1) ?? path;
  const kernel = playedKernelModel(document);
  return { id: idOf("session", path), path, name, type: "notebook", kernel, notebook: { path, name } };
}

/** Every folder looks empty: what else lies in the home is not a viewer's. */
export function emptyFolder(path: string) {
  const name = path.split("/").at(-1) ?? "";
  return {
    ...{ name, path, last_modified: longAgo, created: longAgo, content: [], format: "json", mimetype: null },
    ...{ size: null, writable: false, hash: null, hash_algorithm: null, type: "directory" },
  };
}

/** A document of which a room can be joined: how it is opened, as the session's own page does. */
export async function collaborationOf(inside: Inside, path: string): Promise<Collaboration | null> {
  const model = await modelOf(inside, path);
  const type = model?.["type"];
  if (type !== "notebook" && type !== "file") return null;
  const format = type === "notebook" ? "json" : "text";
  const told = await inside.json(`/api/collaboration/session/${encoded(path)}`, { format, type });
  const { fileId, sessionId } = (told ?? {}) as Record<string, unknown>;
  if (typeof fileId !== "string" || typeof sessionId !== "string") return null;
  return { format, type, fileId, sessionId };
}

export interface Collaboration {
  readonly format: string;
  readonly type: string;
  readonly fileId: string;
  /** Of this run of the session's server: another one knows nothing of what a page had before. */
  readonly sessionId: string;
}
