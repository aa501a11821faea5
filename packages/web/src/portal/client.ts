import { createClient, type Problem, ProblemError } from "@endstation/api";

/** Every call of the UI goes through here: same origin, with the log-in's cookie. */
export const call = createClient({ url: "" });

/** The portal's own "no"; null when it did not answer at all. */
export function problemOf(error: unknown): Problem | null {
  return error instanceof ProblemError ? error.problem : null;
}

export function isStatus(error: unknown, status: number): boolean {
  return problemOf(error)?.status === status;
}

/** Leaves out what is undefined: a query has only what was asked for. */
export function given<Query extends object>(
  query: Query,
): { [Key in keyof Query]?: NonNullable<Query[Key]> } {
  return Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== ""),
  ) as { [Key in keyof Query]?: NonNullable<Query[Key]> };
}
