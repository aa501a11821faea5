import type { Environment, Flavour } from "../environment/environment.ts";
import { allowed, type Decision, refuse } from "../errors.ts";
import type { SessionKind } from "../session/session.ts";

/** What one person may have at once, and for how long; hours. */
export interface AdmissionLimits {
  readonly sessionsPerPerson: number;
  /** Batch sessions are counted apart: they need nobody, and wait for their place. */
  readonly batchSessionsPerPerson: number;
  readonly lifetimeHours: number;
  readonly longestLifetimeHours: number;
}

/** How many of a kind one person may have at once. */
export function mostAtOnce(kind: SessionKind, limits: AdmissionLimits): number {
  return kind === "batch" ? limits.batchSessionsPerPerson : limits.sessionsPerPerson;
}

/** Whether a person with `live` sessions that count with this kind may have `more` of it. */
export function admit(live: number, more: number, kind: SessionKind, limits: AdmissionLimits): Decision {
  const most = mostAtOnce(kind, limits);
  if (live + more <= most) return allowed;
  const asked = more === 1 ? "" : `, and you asked for ${more} more`;
  return refuse(
    "session-limit",
    `you have ${live} live ${kind === "batch" ? "batch " : ""}sessions; ${most} are allowed at once${asked}`,
  );
}

/** The flavour a request gets: the one named, or the environment's default. */
export function chooseFlavour(
  environment: Environment,
  name: string | null,
  flavours: readonly Flavour[],
): Flavour | Decision {
  const wanted = name ?? environment.flavours[0] ?? "";
  const flavour = flavours.find((one) => one.name === wanted);
  if (flavour === undefined) {
    return refuse(
      "flavour-unknown",
      `there is no flavour "${wanted}"; there are ${flavours.map((one) => one.name).join(", ")}`,
    );
  }
  if (environment.flavours.includes(flavour.name)) return flavour;
  return refuse(
    "flavour-not-offered",
    `"${environment.name}" is offered in ${environment.flavours.join(", ")}, not in "${flavour.name}"`,
  );
}
