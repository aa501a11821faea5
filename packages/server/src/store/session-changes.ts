import { randomBytes } from "node:crypto";
import {
  type Created,
  type Creation,
  day,
  type Effect,
  isEnded,
  type LifeLimits,
  nextLook,
  type Session,
  type SessionChange,
} from "@endstation/core";
import type { Database } from "./database.ts";
import { createStatement, type Expected, saveStatement, type Ways } from "./session-statements.ts";
import { withRetries } from "./with-retries.ts";

/** Writes a change with everything that belongs to it, or nothing of it. */
export async function saveChange(
  database: Database,
  limits: LifeLimits | null,
  change: SessionChange,
): Promise<"saved" | "conflict"> {
  const { session, effects } = change;
  const ways = waysAfter(effects);
  const opening = ways === "opened" ? [session.endpoints, session.endpoints.map(freshLabel)] : [];
  const values = [...common(change, limits), session.version - 1, ...opening];
  const statement = saveStatement(ways, expectedOf(session));
  const rows = await withRetries(() => database.query<{ saved: number }>(statement, values));
  if (rows[0]?.saved !== 1) return "conflict";
  tell(database, change);
  if (ways === "opened") database.announce("endstation_routes", session.id);
  return "saved";
}

interface CreationRow {
  readonly made: boolean;
  readonly running: number;
  readonly known_digest: string | null;
  readonly known_session: string | null;
}

/** What became of a creation; a repeated one names the session that was made first. */
export type CreationOutcome =
  | Exclude<Created, { result: "repeated" }>
  | { readonly result: "repeated"; readonly id: string };

/** Makes a session and those that belong to it; creations of one owner happen one after another, so that they cannot pass the limit together. */
export async function createChange(
  database: Database,
  limits: LifeLimits | null,
  creation: Creation,
): Promise<CreationOutcome> {
  const { entry, others = [], idempotency, limit, script = null } = creation;
  const { key, digest } = idempotency ?? { key: null, digest: null };
  const sessions = [creation, ...others].map((one) => createdOf(one, limits));
  const values = [JSON.stringify(sessions), entry.at, limit.perOwner, key, digest, script];
  const [row] = await withRetries(() => database.query<CreationRow>(createStatement, values));
  if (row === undefined) throw new Error("create_session did not answer");
  if (row.made) {
    tell(database, creation);
    return { result: "created" };
  }
  if (row.known_session === null) return { result: "over-limit", running: row.running };
  return row.known_digest === digest
    ? { result: "repeated", id: row.known_session }
    : { result: "key-reused" };
}

function createdOf(change: SessionChange, limits: LifeLimits | null) {
  const { session, entry, effects } = change;
  return {
    document: session,
    event: entry.event,
    effects: effects.filter((effect) => !isWay(effect)),
    lookAt: lookAtOf(change, limits),
  };
}

/** $1 to $6 of a saving statement. */
function common(change: SessionChange, limits: LifeLimits | null): unknown[] {
  const { session, entry, effects } = change;
  const forRunner = effects.filter((effect) => !isWay(effect));
  return [
    session.id,
    JSON.stringify(session),
    entry.at,
    JSON.stringify(entry.event),
    JSON.stringify(forRunner),
    lookAtOf(change, limits),
  ];
}

/** Without limits the session is looked at at once. */
function lookAtOf({ session, entry }: SessionChange, limits: LifeLimits | null): number {
  return limits === null ? 0 : (nextLook(session, entry.at, limits) ?? entry.at + day);
}

/** Answers are awaited of what was launched and has endpoints that may answer by now. */
function expectedOf(session: Session): Expected {
  const { phase, launchedAt, waiting, endpoints } = session;
  if (isEnded(session)) return "nothing";
  const isStarting = phase === "pending" || phase === "starting";
  const isAwaited = isStarting && launchedAt !== null && waiting === null && endpoints.length > 0;
  return isAwaited ? "answers" : "deadline";
}

function tell(database: Database, { effects }: SessionChange): void {
  database.announce("endstation_hints");
  database.announce("endstation_work");
  if (effects.some((effect) => !isWay(effect))) database.announce("endstation_effects");
}

function isWay(effect: Effect): boolean {
  return effect.type === "open-route" || effect.type === "close-route";
}

function waysAfter(effects: readonly Effect[]): Ways {
  const last = effects.findLast(isWay);
  if (last === undefined) return "kept";
  return last.type === "open-route" ? "opened" : "closed";
}

const letters = "abcdefghijklmnopqrstuvwxyz234567";

/** A DNS label nobody can guess: 26 letters and digits of 5 random bits each. */
export function freshLabel(): string {
  return [...randomBytes(26)].map((byte) => letters[byte & 31]).join("");
}
