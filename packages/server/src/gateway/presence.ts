import { type Decision, EndstationError, refuse, type Session } from "@endstation/core";
import type { Visit } from "../store/visits.ts";
import type { Crowds } from "./crowds.ts";

/** Whether a visit may go on, asked of the database and of whoever knows the rights. */
export type Judge = (visit: Visit) => Promise<Judgement>;

export interface Judgement {
  readonly decision: Decision;
  /** The session as it is; null when the store no longer knows it. */
  readonly session: Session | null;
}

/** A visit with what is open on its behalf. Whatever is open is cut when the right is lost. */
export interface Presence {
  readonly visit: Visit;
  /** How it stands: at most `notOlderMs` (usually `freshMs`) old; asked anew otherwise. @throws what the judge throws. */
  judgement(notOlderMs?: number): Promise<Judgement>;
  /** The same if nothing has to be asked for it; null otherwise, and once it has ended. */
  fresh(): Judgement | null;
  /** Notes something open; answers how to note that it is closed. */
  opened(cut: () => void): () => void;
  openCount(): number;
  /** Why nothing more may be opened now; null: it may. */
  full(): string | null;
  cutAll(): void;
  /** Cuts all, and from now on whatever is opened. */
  end(): void;
  /** Asks anew and cuts what is open if the answer is no. Never throws. */
  recheck(): Promise<void>;
}

export interface PresenceLimits {
  /** How old an answer may be. With the time the question takes this stays below two seconds. */
  readonly freshMs: number;
  /** How long open connections live on while nobody can be asked: an outage is not a lost right. */
  readonly graceMs: number;
  readonly answerWithinMs: number;
}

export const usualPresenceLimits: PresenceLimits = { freshMs: 1_000, graceMs: 30_000, answerWithinMs: 5_000 };

export function presenceOf(visit: Visit, judge: Judge, limits: PresenceLimits, crowds: Crowds): Presence {
  const cuts = new Set<() => void>();
  let ended = false;
  let last: { readonly at: number; readonly judgement: Judgement } | null = null;
  let asking: Promise<Judgement> | null = null;
  const cutAll = () => {
    for (const cut of [...cuts]) cut();
  };
  const ask = (): Promise<Judgement> => {
    const began = performance.now();
    asking ??= within(limits.answerWithinMs, judge(visit))
      .then((judgement) => {
        last = { at: began, judgement };
        if (!mayStay(judgement)) cutAll();
        return judgement;
      })
      .finally(() => {
        asking = null;
      });
    return asking;
  };
  const fresh = (notOlderMs: number) => (last !== null && age() < notOlderMs ? last.judgement : null);
  const age = () => (last === null ? Number.POSITIVE_INFINITY : performance.now() - last.at);
  return {
    visit,
    cutAll,
    judgement: async (notOlderMs = limits.freshMs) => fresh(notOlderMs) ?? ask(),
    fresh: () => (ended ? null : fresh(limits.freshMs)),
    openCount: () => cuts.size,
    full: () => crowds.full(visit, cuts.size),
    end: () => {
      ended = true;
      cutAll();
    },
    opened: (cut) => {
      if (ended) cut();
      else {
        cuts.add(cut);
        crowds.opened(visit);
      }
      return () => {
        if (cuts.delete(cut)) crowds.closed(visit);
      };
    },
    recheck: async () => {
      await ask().catch(() => {
        if (age() > limits.graceMs) cutAll();
      });
    },
  };
}

function mayStay({ decision, session }: Judgement): boolean {
  return decision.allowed && session?.phase === "running";
}

const unanswered = refuse("part-down", "whether you may be inside could not be asked");

async function within<Answer>(ms: number, answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new EndstationError(unanswered.code, unanswered.detail)), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
