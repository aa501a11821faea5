import type { Visit } from "../store/visits.ts";

/** How many connections may be open at once through this process. */
const mostOpen = { visit: 500, person: 2_000, session: 4_000 } as const;

/** What is open of one person and to one session, over all browsers. */
export interface Crowds {
  opened(visit: Visit): void;
  closed(visit: Visit): void;
  /** Whose limit is reached; null: one more may come. */
  full(visit: Visit, openOfVisit: number): string | null;
}

export function createCrowds(): Crowds {
  const open = { person: new Map<string, number>(), session: new Map<string, number>() };
  const add = (counts: Map<string, number>, key: string, more: number) => {
    const count = (counts.get(key) ?? 0) + more;
    if (count > 0) counts.set(key, count);
    else counts.delete(key);
  };
  return {
    opened: ({ account, sessionId }) => {
      add(open.person, account, 1);
      add(open.session, sessionId, 1);
    },
    closed: ({ account, sessionId }) => {
      add(open.person, account, -1);
      add(open.session, sessionId, -1);
    },
    full: ({ account, sessionId }, openOfVisit) => {
      if (openOfVisit >= mostOpen.visit) return `this browser has ${mostOpen.visit} connections open`;
      if ((open.person.get(account) ?? 0) >= mostOpen.person)
        return `you have ${mostOpen.person} connections open`;
      if ((open.session.get(sessionId) ?? 0) >= mostOpen.session)
        return `${mostOpen.session} connections to this session are open`;
      return null;
    },
  };
}
