import { EndstationError, type ErrorCode } from "@endstation/core";

const unreachable = new Set(["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE", "ETIMEDOUT", "EAI_AGAIN"]);
const connectionWords =
  /connection terminated|timeout exceeded|not queryable|connection timeout|client was closed/i;

/**
 * What a failed query means to us: an EndstationError where it is an outage, a full disk or text that PostgreSQL
 * cannot hold; every other error as it is. The original stays as `cause`.
 */
export function databaseError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof EndstationError) return error;
  const meaning = meaningOf(error);
  return meaning === null ? error : new EndstationError(meaning.code, meaning.detail, { cause: error });
}

/** PostgreSQL's five characters (`SQLSTATE`) or Node's error code; also of an error already turned into ours. */
export function sqlStateOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof EndstationError) return sqlStateOf(error.cause);
  return "code" in error && typeof error.code === "string" ? error.code : null;
}

function meaningOf(error: Error): { code: ErrorCode; detail: string } | null {
  const state = sqlStateOf(error) ?? "";
  if (state === "53100") return { code: "disk-full", detail: "the database has no room left on its disk" };
  if (isOutage(state, error.message))
    return {
      code: "database-unavailable",
      detail: `the database does not answer (${state || error.message})`,
    };
  if (isUnstorable(state, error.message))
    return { code: "malformed-request", detail: `this cannot be stored: ${error.message}` };
  return null;
}

function isOutage(state: string, message: string): boolean {
  const isServerClosing = state.startsWith("57P") || state.startsWith("08");
  const isServerShort = state === "53300" || state.startsWith("58");
  return isServerClosing || isServerShort || unreachable.has(state) || connectionWords.test(message);
}

/** NUL characters, lone surrogates, numbers out of range, keys longer than an index holds. */
function isUnstorable(state: string, message: string): boolean {
  if (state === "22P02") return /json/.test(message);
  return state === "22021" || state === "22P05" || state === "22003" || state === "54000";
}
