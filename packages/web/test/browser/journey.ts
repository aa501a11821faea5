import type { Visit, VisitOptions } from "../support/visit.ts";

/** A name, what is done and seen, and in what kind of window. */
export type Journey = readonly [name: string, act: (visit: Visit) => Promise<void>, options?: VisitOptions];
