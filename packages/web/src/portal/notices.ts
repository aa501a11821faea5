import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, given } from "./client.ts";
import { keys } from "./keys.ts";

const glanceMs = 60_000;

export function useNotices() {
  return useInfiniteQuery({
    queryKey: [...keys.notices, "list"],
    queryFn: ({ signal, pageParam }) =>
      call("listNotices", given({ limit: 50, cursor: pageParam }), { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

/** For the number beside the bell. */
export function useUnread(): number {
  const newest = useQuery({
    queryKey: [...keys.notices, "unread"],
    queryFn: ({ signal }) => call("listNotices", { limit: 1 }, { signal }),
    refetchInterval: glanceMs,
  });
  return newest.data?.unread ?? 0;
}

export function useReadNotices() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (ids: string[]) => call("readNotices", { body: { ids } }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.notices }),
  });
}
