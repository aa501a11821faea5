import type { Session } from "@endstation/api";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { call, given } from "./client.ts";
import { keys } from "./keys.ts";
import { isMoving } from "./phases.ts";

export interface SessionFilter {
  readonly phase?: "live" | "ended";
  readonly proposal?: string;
  readonly all?: boolean;
}

const watchMs = 5_000;
const glanceMs = 30_000;

export function useSessions({ phase, proposal, all }: SessionFilter, pageSize = 50) {
  return useInfiniteQuery({
    queryKey: [...keys.sessionLists, { phase, proposal, all }, pageSize],
    queryFn: ({ signal, pageParam }) => {
      const query = { phase, proposal, all: all === true ? "true" : undefined, limit: pageSize };
      return call("listSessions", given({ ...query, cursor: pageParam }), { signal });
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: glanceMs,
  });
}

/** My live sessions: for the number in the head of the page, and to tell when one has become ready. */
export function useLiveSessions(enabled = true) {
  return useQuery({
    queryKey: [...keys.sessionLists, "live"],
    queryFn: ({ signal }) => call("listSessions", { phase: "live", limit: 50 }, { signal }),
    refetchInterval: glanceMs,
    enabled,
  });
}

/** Sessions that were asked for together, in the order of the data they are for. */
export function useArray(id: string, enabled = true) {
  return useQuery({
    queryKey: [...keys.sessionLists, "array", id],
    queryFn: ({ signal }) => call("listSessions", { array: id, limit: 200 }, { signal }),
    select: ({ items }) => items.toSorted((a, b) => (a.array?.index ?? 0) - (b.array?.index ?? 0)),
    refetchInterval: glanceMs,
    enabled,
  });
}

/** One session. Hints keep it fresh; while it moves it is asked for as well, in case a hint is lost. */
export function useSession(id: string) {
  return useQuery({
    queryKey: keys.session(id),
    queryFn: ({ signal }) => call("getSession", { id }, { signal }),
    refetchInterval: ({ state }) => intervalFor(state.data),
    refetchIntervalInBackground: true,
  });
}

function intervalFor(session: Session | undefined): number | false {
  if (session === undefined) return watchMs;
  if (isMoving(session)) return watchMs;
  return session.endedAt === null ? glanceMs : false;
}

/** Once it has ended it is asked for again: its last lines came after the last look. */
export function useSessionLog(id: string, options: { enabled: boolean; live: boolean }) {
  return useQuery({
    queryKey: [...keys.sessionLog(id), options.live ? "live" : "whole"],
    queryFn: ({ signal }) => call("getSessionLog", { id }, { signal }),
    enabled: options.enabled,
    refetchInterval: options.live ? 2_000 : false,
    staleTime: 0,
    placeholderData: keepPreviousData,
  });
}

export function useUsage() {
  return useQuery({ queryKey: keys.usage, queryFn: ({ signal }) => call("getUsage", {}, { signal }) });
}
