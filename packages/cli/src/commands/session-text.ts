import type { Session } from "@endstation/api";
import type { Column } from "../table.ts";
import { list } from "../table.ts";
import { moment, spaced } from "../words.ts";

/** A session as people read it. */
export function sessionText(session: Session): string {
  const { cause, waiting, array } = session;
  return list([
    ["id", session.id],
    ["name", session.name],
    ["phase", phaseText(session)],
    ["cause", cause === null ? null : `${cause.code}: ${cause.detail}`],
    ["next", cause?.next ?? null],
    ["waiting", waiting?.reason ?? null],
    ["owner", `${session.owner.name} (${session.owner.account})`],
    ["my access", session.myAccess],
    ["environment", session.environment],
    ["flavour", `${session.flavour} at ${session.provider}`],
    ["proposal", session.proposal],
    ["datasets", session.datasets.join(", ")],
    ["notebook", session.notebook],
    ["job", jobText(session)],
    ["exit code", session.exitCode === null ? null : String(session.exitCode)],
    ["array", array === null ? null : `${array.index + 1} of ${array.size} (${array.id})`],
    ["results", session.resultsPath],
    ["created", moment(session.createdAt)],
    ["started", moment(session.startedAt)],
    ["ended", moment(session.endedAt)],
    ["expires", session.endedAt === null ? moment(session.expiresAt) : null],
    ["stages", session.stages.map(({ name }) => spaced(name)).join(" → ")],
  ]);
}

function jobText({ job }: Session): string | null {
  if (job === null) return null;
  const what = [job.hasScript ? "a program" : (job.notebook ?? ""), ...job.arguments].join(" ");
  return job.retries === 0 ? what : `${what} (attempt ${job.retried + 1} of up to ${job.retries + 1})`;
}

export const sessionColumns: readonly Column<Session>[] = [
  { title: "Id", of: ({ id }) => id },
  { title: "Phase", of: phaseText, cut: true },
  { title: "Environment", of: ({ environment }) => environment, cut: true },
  { title: "Name", of: ({ name }) => name, cut: true },
  { title: "Owner", of: ({ owner }) => owner.account, cut: true },
];

function phaseText({ phase, reason, contactLostSince }: Session): string {
  const why = reason === null ? "" : ` (${spaced(reason)})`;
  return phase + (contactLostSince === null ? why : ` (no contact since ${moment(contactLostSince)})`);
}
