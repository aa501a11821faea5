import { randomBytes } from "node:crypto";
import type { Problem } from "@endstation/api";
import { EndstationError, type ErrorCode, errorCatalogue, Rejected, Unavailable } from "@endstation/core";

/** The only place that knows HTTP statuses of our errors. */
const statusOf: Readonly<Record<ErrorCode, number>> = {
  "malformed-request": 400,
  "range-invalid": 416,
  "request-too-large": 413,
  "too-many-requests": 429,
  "not-logged-in": 401,
  "login-failed": 400,
  "wrong-origin": 403,
  "not-allowed": 403,
  "scope-missing": 403,
  "development-only": 403,
  "ticket-invalid": 403,
  "share-ended": 403,
  "role-changed": 403,
  "not-found": 404,
  "proposal-unknown": 404,
  "link-invalid": 404,
  "idempotency-mismatch": 409,
  "wrong-phase": 409,
  "changed-meanwhile": 409,
  "already-asked": 409,
  "request-over": 409,
  "session-starting": 409,
  "session-ended": 409,
  "environment-unknown": 422,
  "environment-unavailable": 422,
  "flavour-unknown": 422,
  "flavour-not-offered": 422,
  "provider-unknown": 422,
  "notebook-unknown": 422,
  "dataset-embargoed": 422,
  "dataset-unreadable": 422,
  "account-unknown": 422,
  "session-limit": 422,
  "too-large": 422,
  "data-unreachable": 422,
  "provider-drained": 422,
  "no-capacity": 422,
  "lifetime-limit": 422,
  "file-unreadable": 422,
  "file-question": 422,
  "answer-too-large": 422,
  "launch-rejected": 422,
  "start-timeout": 422,
  "out-of-memory": 422,
  killed: 422,
  "exit-code": 422,
  "time-limit": 422,
  preempted: 422,
  vanished: 422,
  "right-lost": 422,
  "provider-unavailable": 503,
  "session-unreachable": 503,
  "part-down": 503,
  "database-unavailable": 503,
  "disk-full": 503,
  internal: 500,
  "sandbox-unavailable": 500,
  "config-invalid": 500,
  "port-in-use": 500,
  "state-in-use": 500,
  "state-unwritable": 500,
  "database-version": 500,
  "node-too-old": 500,
  "packages-unavailable": 500,
  "python-missing": 500,
  "python-too-old": 500,
  "python-venv-missing": 500,
  "software-incomplete": 500,
};

export type FieldError = { path: string; message: string };

/** An error as RFC 9457 problem details. */
export function problemOf(
  code: ErrorCode,
  detail: string,
  next?: string,
  errors?: readonly FieldError[],
): Problem {
  const [title, usualNext] = errorCatalogue[code];
  return {
    type: `/docs/errors#${code}`,
    title,
    status: statusOf[code],
    code,
    detail,
    next: next ?? usualNext,
    ...(errors === undefined ? {} : { errors: [...errors] }),
  };
}

/** Whatever was thrown, as a problem. What nobody foresaw gets an id under which the log has the rest. */
export function problemFrom(error: unknown): { problem: Problem; unforeseen: boolean } {
  if (error instanceof EndstationError)
    return { problem: problemOf(error.code, error.detail, error.next), unforeseen: false };
  if (error instanceof Rejected)
    return { problem: problemOf(error.refusal.code, error.refusal.detail), unforeseen: false };
  if (error instanceof Unavailable)
    return { problem: problemOf("part-down", error.message), unforeseen: false };
  const id = randomBytes(6).toString("hex");
  return {
    problem: { ...problemOf("internal", `error ${id}`), instance: `urn:endstation:error:${id}` },
    unforeseen: true,
  };
}
