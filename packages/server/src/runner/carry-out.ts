import type { Duplex } from "node:stream";
import {
  type Cause,
  type ComputeProvider,
  EndstationError,
  type ErrorCode,
  isEnded,
  Rejected,
  type Session,
  type SessionEvent,
} from "@endstation/core";
import type { ClaimedEffect } from "../store/effects.ts";
import { happen, type Stage, within } from "./stage.ts";

/**
 * Carries one effect out. Doing it twice comes to the same: a launch is idempotent by session and attempt, ending what
 * is gone succeeds, an event that says nothing new writes nothing.
 * @throws whatever stands in its way now: then it is to be tried again.
 */
export async function carryOut(
  stage: Stage,
  provider: ComputeProvider<Duplex>,
  session: Session,
  { effect, tries }: ClaimedEffect,
  signal: AbortSignal,
): Promise<void> {
  switch (effect.type) {
    case "launch":
      return launch(stage, provider, session, effect.attempt, tries, signal);
    case "terminate":
      return terminate(stage, provider, session, effect.handle, signal);
    case "notify":
      return stage.notify(session, effect.message, effect.at);
    case "open-route":
    case "close-route":
      return;
  }
}

async function launch(
  stage: Stage,
  provider: ComputeProvider<Duplex>,
  session: Session,
  attempt: number,
  tries: number,
  signal: AbortSignal,
): Promise<void> {
  if (isEnded(session) || session.attempt !== attempt || session.launchedAt !== null) return;
  const event =
    session.phase === "stopping"
      ? notLaunched(attempt, tries)
      : await outcomeOf(stage, provider, session, within(signal, stage.pace.callWithin));
  await happen(stage, session, event);
}

/** She stopped it before it was launched: if no try was made there is nothing, otherwise there may be something. */
function notLaunched(attempt: number, tries: number): SessionEvent {
  return tries > 1
    ? { type: "launch-abandoned", attempt }
    : {
        type: "launch-refused",
        attempt,
        cause: { code: "launch-rejected", detail: "it was stopped before" },
      };
}

async function outcomeOf(
  stage: Stage,
  provider: ComputeProvider<Duplex>,
  session: Session,
  signal: AbortSignal,
): Promise<SessionEvent> {
  const { attempt } = session;
  try {
    const { handle } = await provider.launch(await stage.launchSpecOf(session), signal);
    return { type: "launch-accepted", attempt, handle };
  } catch (error) {
    const cause = refusalIn(error);
    if (cause === null) throw error;
    return { type: "launch-refused", attempt, cause };
  }
}

const passing: ReadonlySet<ErrorCode> = new Set([
  "database-unavailable",
  "changed-meanwhile",
  "provider-unavailable",
  "part-down",
  "disk-full",
  "internal",
]);

/** Why it will never be launched; null when it may still be. */
function refusalIn(error: unknown): Cause | null {
  if (error instanceof Rejected) return error.refusal;
  if (error instanceof EndstationError && !passing.has(error.code))
    return { code: error.code, detail: error.detail };
  return null;
}

/** A refusal to end it is not final: as long as it is seen alive it is asked for again. */
async function terminate(
  stage: Stage,
  provider: ComputeProvider<Duplex>,
  { id: sessionId }: Session,
  handle: string | null,
  signal: AbortSignal,
): Promise<void> {
  try {
    await provider.terminate({ sessionId, handle }, within(signal, stage.pace.callWithin));
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    stage.log.error({ err: error, session: sessionId }, "the provider refused to end the session");
  }
}
