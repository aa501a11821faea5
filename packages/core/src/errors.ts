/**
 * Every error a person or a script can meet: a stable code, a title, and what to do next.
 * `docs/errors.md` has an entry per code (a check holds both equal); HTTP statuses are the server's (`http/problem.ts`).
 */
export const errorCatalogue = {
  "malformed-request": [
    "The request is not of the expected shape",
    "Correct the fields that are named and send it again.",
  ],
  "request-too-large": [
    "The request body is too large",
    "Send less than 1 MiB; data belong into the results folder.",
  ],
  "too-many-requests": ["Too many requests", "Wait for the number of seconds that Retry-After names."],
  "not-logged-in": ["You are not logged in", "Log in, or send a valid access token."],
  "login-failed": [
    "The log-in did not complete",
    "Start again from the log-in page; if it repeats, tell the facility's support.",
  ],
  "wrong-origin": ["The request comes from another site", "Use the portal's own pages, or an access token."],
  "not-allowed": ["You may see this but not do that", "Ask the owner or the principal investigator."],
  "scope-missing": ["The access token does not cover this", "Make a token with the scope that is named."],
  "not-found": [
    "There is nothing here, or it is not yours",
    "Check the address, and that you are logged in with the right account.",
  ],
  "idempotency-mismatch": [
    "This idempotency key was used for another request",
    "Use a new key for a new request.",
  ],
  "wrong-phase": [
    "The session is not in a phase that allows this",
    "Look at its present phase and try what that allows.",
  ],
  "changed-meanwhile": ["It was changed by somebody else at the same moment", "Load it again and repeat."],
  "environment-unknown": ["There is no such environment", "List the environments and choose one of them."],
  "environment-unavailable": [
    "The environment cannot be started here",
    "Choose another one, or tell the facility's support.",
  ],
  "flavour-unknown": ["There is no such flavour", "List the flavours and choose one of them."],
  "flavour-not-offered": [
    "This environment is not offered in that flavour",
    "Choose one of the flavours that the environment names.",
  ],
  "provider-unknown": [
    "There is no such compute provider",
    "Leave the provider out, or name one that the plans list.",
  ],
  "provider-drained": [
    "The compute provider takes no new sessions at the moment",
    "Leave the provider out, or name another one that the plans list.",
  ],
  "notebook-unknown": [
    "The environment has no such notebook",
    "Choose one of the notebooks that the environment names.",
  ],
  "proposal-unknown": ["There is no such proposal among yours", "List your proposals and name one of them."],
  "dataset-embargoed": [
    "The dataset is under embargo",
    "Wait for its release date, or ask the proposal's principal investigator to be added as a member.",
  ],
  "dataset-unreadable": [
    "The dataset cannot be read",
    "Look at the reason shown with its files, and tell the local contact.",
  ],
  "account-unknown": ["There is no such account", "Check the spelling; the person must have logged in once."],
  "link-invalid": ["The link is no longer good", "Ask the owner of the session for a new one."],
  "already-asked": ["You have asked already", "Wait for the owner's answer, or withdraw what you asked."],
  "request-over": ["The request is open no longer", "Look at what became of it, and ask again if need be."],
  "session-limit": [
    "You have as many sessions as you may have at once",
    "Stop one of them, or ask the facility for more.",
  ],
  "too-large": ["No compute provider has a place of that size", "Choose a smaller flavour."],
  "data-unreachable": [
    "The data cannot be reached from there",
    "Choose another compute provider, or ask the facility's support to have the data brought there.",
  ],
  "no-capacity": ["There is no free place now", "Try again later or choose a smaller flavour."],
  "lifetime-limit": ["The session cannot be extended further", "Save your work and start a new session."],
  "start-timeout": [
    "The session did not start in time",
    "Start it again; if it repeats, tell the facility's support with the session's id.",
  ],
  "launch-rejected": [
    "The compute provider refused the session",
    "The detail has the provider's words; choose another flavour or tell support.",
  ],
  "provider-unavailable": [
    "The compute provider cannot be reached",
    "Nothing is lost: it is tried again by itself.",
  ],
  "sandbox-unavailable": [
    "Sessions cannot be isolated on this machine",
    "Install bubblewrap and start again.",
  ],
  "out-of-memory": [
    "The session used more memory than its flavour has",
    "Start it again in a larger flavour; your files are kept.",
  ],
  killed: ["The session was killed from outside", "Start it again; your files are kept."],
  "exit-code": ["The program in the session ended with an error", "Look at the session's log."],
  "time-limit": [
    "The compute provider's time limit was reached",
    "Start it again with a longer limit; your files are kept.",
  ],
  preempted: ["The compute provider took the place back", "Start it again; your files are kept."],
  vanished: ["The compute provider no longer knows the session", "Start it again; your files are kept."],
  "right-lost": ["The owner may no longer read the data", "Ask the proposal's principal investigator."],
  "ticket-invalid": ["The way into the session has expired", "Open the session again from the portal."],
  "share-ended": [
    "You are let into this session no longer",
    "Ask its owner, or ask to join it from the portal.",
  ],
  "role-changed": ["Your role in this session has changed", "Open it again from the portal."],
  "session-starting": ["The session is still starting", "This page continues by itself."],
  "session-ended": ["The session has ended", "Start it again from the portal; your files are kept."],
  "session-unreachable": [
    "The session cannot be reached at the moment",
    "This page tries again by itself; your work goes on.",
  ],
  "file-unreadable": ["The file cannot be read", "Look at the reason; the original is unchanged."],
  "file-question": [
    "The file does not have that, or not in that form",
    "Ask for another part, or for another format.",
  ],
  "answer-too-large": ["The answer would be too large", "Ask for a part of it, with a selection."],
  "range-invalid": ["The requested range is not in the file", "Ask for a range within the file's size."],
  "part-down": [
    "A part of the portal is down",
    "Try again in a moment; the portal's status page names the part.",
  ],
  internal: ["Something went wrong in the portal", "Try again; if it repeats, give support the error's id."],
  "config-invalid": ["The configuration has an error", "Correct the lines that are named."],
  "development-only": [
    "This is for development only",
    "Configure an identity provider, or listen on the loopback address only.",
  ],
  "port-in-use": ["The port is in use", "Stop the other program or choose another port with --port."],
  "state-in-use": [
    "The state folder is in use by another process",
    "Stop the other Endstation or choose another folder with --state.",
  ],
  "state-unwritable": [
    "The state folder cannot be written",
    "Correct its owner or choose another folder with --state.",
  ],
  "disk-full": ["The disk is full", "Free some space; nothing that was saved is lost."],
  "database-unavailable": [
    "The database cannot be reached",
    "It is tried again by itself; look at its log if it lasts.",
  ],
  "database-version": [
    "The database belongs to another version",
    "Export it with the version that made it, and restore it here.",
  ],
  "node-too-old": ["Node.js is too old", "Install Node.js 20 or newer and start again."],
  "packages-unavailable": [
    "Packages could not be fetched",
    "Check the network and the registry's settings, and start again.",
  ],
  "python-missing": ["There is no Python", "Install Python 3.10 or newer with its venv module."],
  "python-too-old": ["Python is too old", "Install Python 3.10 or newer."],
  "python-venv-missing": ["Python cannot make environments", "Install the package that is named."],
  "software-incomplete": [
    "A needed program could not be set up",
    "Look at the detail, repair it and start again.",
  ],
} as const satisfies Record<string, readonly [title: string, next: string]>;

/** The stable name of an error. */
export type ErrorCode = keyof typeof errorCatalogue;

export const errorCodes = Object.keys(errorCatalogue) as ErrorCode[];

/** An expected "no", as a value: policies answer with it, use cases turn it into an {@link EndstationError} at the edge. */
export interface Refusal {
  readonly allowed: false;
  readonly code: ErrorCode;
  readonly detail: string;
}

export type Decision = { readonly allowed: true } | Refusal;

export const allowed: Decision = { allowed: true };

export function refuse(code: ErrorCode, detail: string): Refusal {
  return { allowed: false, code, detail };
}

/** What ended or hindered a session, to be shown to people. */
export interface Cause {
  readonly code: ErrorCode;
  readonly detail: string;
}

export interface ErrorExtras {
  /** What the person can do, when the catalogue's sentence is not precise enough. */
  readonly next?: string;
  /** Typed facts for scripts; never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The one error class: `detail` says what was being done and with what. */
export class EndstationError extends Error {
  override readonly name = "EndstationError";
  readonly code: ErrorCode;
  readonly detail: string;
  readonly next: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, detail: string, extras: ErrorExtras = {}) {
    super(`${code}: ${detail}`, extras.cause === undefined ? {} : { cause: extras.cause });
    this.code = code;
    this.detail = detail;
    this.next = extras.next ?? errorCatalogue[code][1];
    this.details = extras.details ?? {};
  }
}

/** Turns a refusal into a thrown error; passes an allowance. */
export function demand(decision: Decision): void {
  if (!decision.allowed) throw new EndstationError(decision.code, decision.detail);
}

/** Thrown by an adapter when the other side cannot be asked now: retried with back-off. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

/** Thrown by an adapter when the other side refused for good: `cause` goes to the person. */
export class Rejected extends Error {
  override readonly name = "Rejected";
  readonly refusal: Cause;
  constructor(code: ErrorCode, detail: string) {
    super(`${code}: ${detail}`);
    this.refusal = { code, detail };
  }
}
