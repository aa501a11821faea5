import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type SessionId, type SessionKind, sessionIdPattern } from "@endstation/core";

/** One start of one session. */
export interface Start {
  readonly sessionId: SessionId;
  readonly attempt: number;
}

/** The name of a start: the provider's handle, and its folder's name. Slurm's own numbers are used again, this is not. */
export function handleOf({ sessionId, attempt }: Start): string {
  return `${sessionId}.${attempt}`;
}

/** The parts of a handle; null for what never was one of ours (and could be a way out of the folder). */
export function startOf(handle: string): Start | null {
  const [, sessionId = "", attempt = ""] = /^([^.]+)\.([1-9]\d{0,5})$/.exec(handle) ?? [];
  return sessionIdPattern.test(sessionId) ? { sessionId, attempt: Number(attempt) } : null;
}

export function jobNameOf({ sessionId, attempt }: Start): string {
  return `endstation-${sessionId}-${attempt}`;
}

/** Which portal's, and of which of its providers: on one cluster nobody sees another's sessions as her own. */
export interface Mark {
  readonly owner: string;
  readonly provider: string;
}

/** A job's comment. Everybody on the cluster can read it. */
export function commentOf({ owner, provider }: Mark, start: Start, kind: SessionKind): string {
  return `endstation ${owner} ${provider} ${handleOf(start)} ${kind}`;
}

/** Which start of ours a job is; null: none. Name and comment must agree. */
export function oursOf(
  mark: Mark,
  { name, comment }: { readonly name: string; readonly comment: string },
): (Start & { readonly kind: string }) | null {
  const [, handle = "", kind = ""] =
    new RegExp(`^endstation ${mark.owner} ${mark.provider} (\\S+) ([a-z]+)$`).exec(comment) ?? [];
  const start = startOf(handle);
  return start !== null && name === jobNameOf(start) ? { ...start, kind } : null;
}

/** The configured owner, or a digest of what was thrown once for this state folder, whoever asks first. */
export function ownerIn(stateFolder: string, configured: string | undefined): string {
  if (configured !== undefined) return configured;
  const file = join(stateFolder, "owner");
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(file, randomBytes(16).toString("hex"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 12);
}
