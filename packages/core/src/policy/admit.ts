import type { Environment, Flavour } from "../environment/environment.ts";
import { allowed, type Decision, refuse } from "../errors.ts";

/** What one person may have at once, and for how long; hours. */
export interface AdmissionLimits {
  readonly sessionsPerPerson: number;
  readonly lifetimeHours: number;
  readonly longestLifetimeHours: number;
}

/** Whether a person with `live` sessions may have one more. */
export function admit(live: number, limits: AdmissionLimits): Decision {
  if (live < limits.sessionsPerPerson) return allowed;
  return refuse(
    "session-limit",
    `you have ${live} live sessions; ${limits.sessionsPerPerson} are allowed at once`,
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
