import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { isStatus, problemOf } from "./client.ts";
import { keys } from "./keys.ts";
import { setReachable } from "./reachability.ts";

/** What is remembered of the portal's answers. Hints of the event stream say when they are old (events.ts). */
export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: heard, onSuccess: () => setReachable(true) }),
  mutationCache: new MutationCache({ onError: heard, onSuccess: () => setReachable(true) }),
  defaultOptions: {
    queries: { networkMode: "always", staleTime: 30_000, retry: mayRetry, refetchOnWindowFocus: false },
    mutations: { networkMode: "always" },
  },
});

function heard(error: unknown): void {
  const problem = problemOf(error);
  if (problem === null) setReachable(!isNoAnswer(error));
  else if (problem.status === 502 || problem.status === 504) setReachable(false);
  if (isStatus(error, 401)) queryClient.setQueryData(keys.me, null);
}

/** `fetch` rejects with a TypeError when nobody answers. */
function isNoAnswer(error: unknown): boolean {
  return error instanceof TypeError;
}

function mayRetry(failures: number, error: unknown): boolean {
  const problem = problemOf(error);
  return failures < 2 && (problem === null || problem.status === 503 || problem.status === 429);
}
