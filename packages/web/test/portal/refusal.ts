import type { Problem } from "@endstation/api";

/** Thrown by a call that says no. */
export class Refusal extends Error {
  readonly problem: Problem;
  constructor(status: number, code: string, title: string, detail: string, next = "Try something else.") {
    super(detail);
    this.problem = { type: `/docs/errors#${code}`, title, status, code, detail, next };
  }
}

export const notFound = (what: string) =>
  new Refusal(404, "not-found", "There is nothing here, or it is not yours", what, "Check the address.");
