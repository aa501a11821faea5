import type { Session } from "@endstation/api";

type Stages = Session["stages"];
type Seen = Pick<Session, "phase" | "stages" | "createdAt" | "endedAt" | "waiting" | "endpoints">;

/** A line of the timeline. `took`: seconds until the next stage began, or since this one did. */
export interface TimelineItem {
  readonly name: string;
  readonly state: "done" | "current" | "failed" | "ahead";
  readonly at: string | null;
  readonly took: number | null;
}

const road = ["accepted", "placed", "starting", "answering"] as const;

/**
 * What has happened to a session and what is still to come. The last stage reached is the present one while the session
 * moves; when it failed on the way, the stage it was in is marked.
 */
export function timelineOf(session: Seen, now: number): TimelineItem[] {
  const past = session.stages.map((stage, index) => itemOf(session, stage, index, now));
  return [...past, ...ahead(session)];
}

/** The stage in which it failed; null when it did not. */
export function failedStage(session: Pick<Session, "phase" | "stages">): string | null {
  if (session.phase !== "failed") return null;
  return lastWorking(session.stages)?.name ?? null;
}

function itemOf(session: Seen, stage: Stages[number], index: number, now: number): TimelineItem {
  const isLast = index === session.stages.length - 1;
  const next = session.stages[index + 1]?.at ?? null;
  const isFailed = session.phase === "failed" && stage === lastWorking(session.stages);
  const state = isFailed ? "failed" : isLast && isUnderWay(session) ? "current" : "done";
  return { name: stage.name, state, at: stage.at, took: tookOf(session, stage.at, next, now) };
}

function tookOf(session: Seen, from: string, to: string | null, now: number): number | null {
  if (to !== null) return seconds(from, Date.parse(to));
  return session.endedAt === null ? seconds(from, now) : null;
}

function seconds(from: string, to: number): number {
  return Math.max(0, (to - Date.parse(from)) / 1000);
}

function isUnderWay({ phase }: Seen): boolean {
  return phase !== "stopped" && phase !== "failed";
}

/** `stopping` and `ended` are how it was wound up, not where it failed. */
function lastWorking(stages: Stages): Stages[number] | undefined {
  return stages.findLast(({ name }) => name !== "stopping" && name !== "ended");
}

function ahead({ phase, stages, endpoints }: Seen): TimelineItem[] {
  if (phase === "stopping") return [{ name: "ended", state: "ahead", at: null, took: null }];
  if (phase !== "pending" && phase !== "starting") return [];
  const reached = Math.max(...stages.map(({ name }) => road.indexOf(name as (typeof road)[number])));
  const rest = road.slice(reached + 1).filter((name) => name !== "answering" || endpoints.length > 0);
  return rest.map((name) => ({ name, state: "ahead", at: null, took: null }));
}
