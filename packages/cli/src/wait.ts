import { ProblemError, type Session } from "@endstation/api";
import type { Context } from "./context.ts";
import { Failure } from "./failure.ts";
import type { Portal } from "./portal.ts";
import { plain } from "./terminal.ts";
import { spaced } from "./words.ts";

const askEveryMs = 1000;

/**
 * Follows a session until `done`, telling each stage on stderr as it happens. A portal that does not answer for a while is
 * waited for: the session does not need it.
 * @throws Failure `interrupted` when the person breaks off; the session is left as it is.
 */
export async function follow(
  context: Context,
  portal: Portal,
  first: Session,
  done: (session: Session) => boolean,
): Promise<Session> {
  const told = teller(context);
  let session = first;
  told.session(session);
  while (!done(session)) {
    await context.pause(askEveryMs);
    const answer = context.interrupted.aborted ? null : await ask(context, portal, session, told);
    if (context.interrupted.aborted) throw brokenOff(session);
    if (answer !== null) told.session(answer);
    session = answer ?? session;
  }
  return session;
}

export function isOver({ phase }: Pick<Session, "phase">): boolean {
  return phase === "stopped" || phase === "failed";
}

/** A session that has ended by itself or could not start: its cause. */
export function endedWith(session: Session): Failure | null {
  if (!isOver(session)) return null;
  const { cause } = session;
  if (cause !== null) return new Failure(cause.code, `${cause.title}: ${cause.detail}`, cause.next);
  const why = session.reason === null ? "" : ` (${spaced(session.reason)})`;
  return new Failure("session-ended", `the session has ended${why}`, "Start another one.");
}

function teller({ terminal }: Context) {
  let stages = 0;
  let waiting = "";
  let silent = false;
  return {
    session: (session: Session) => {
      if (silent) terminal.err("  the portal answers again");
      silent = false;
      for (const { name } of session.stages.slice(stages)) terminal.err(`  ${plain(spaced(name))}`);
      stages = Math.max(stages, session.stages.length);
      const waits = session.waiting?.reason ?? "";
      if (waits !== "" && waits !== waiting) terminal.err(`  waiting: ${plain(waits)}`);
      waiting = waits;
    },
    silence: () => {
      if (!silent) terminal.err("  the portal does not answer; the session goes on, waiting for it");
      silent = true;
    },
  };
}

async function ask(
  context: Context,
  portal: Portal,
  { id }: Session,
  told: ReturnType<typeof teller>,
): Promise<Session | null> {
  try {
    return await portal.call("getSession", { id }, { signal: context.interrupted });
  } catch (error) {
    if (context.interrupted.aborted) return null;
    const isPassing =
      error instanceof ProblemError
        ? error.problem.status >= 500 || error.problem.status === 429
        : error instanceof Failure && error.code === "portal-unreachable";
    if (!isPassing) throw error;
    told.silence();
    return null;
  }
}

function brokenOff({ id }: Session): Failure {
  return new Failure(
    "interrupted",
    `you broke off waiting; the session ${id} goes on`,
    `Look at it with \`endstation show ${id}\`, end it with \`endstation stop ${id}\`.`,
  );
}
