import type { Share } from "@endstation/api";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, given } from "./client.ts";
import { keys } from "./keys.ts";

type Role = Share["as"];
const glanceMs = 30_000;

export function useShares(id: string, enabled: boolean) {
  return useQuery({
    queryKey: keys.shares(id),
    queryFn: ({ signal }) => call("listShares", { id }, { signal }),
    enabled,
  });
}

export interface ShareChange {
  readonly account: string;
  readonly as: Role;
  readonly until?: string;
}

export function useShare(id: string) {
  const old = useMakeOld(id);
  return useMutation({ mutationFn: (body: ShareChange) => call("share", { id, body }), onSuccess: old });
}

export function useUnshare(id: string) {
  const old = useMakeOld(id);
  return useMutation({ mutationFn: (account: string) => call("unshare", { id, account }), onSuccess: old });
}

/** Hands the keyboard over (`member`) or takes it back (`viewer`). */
export function useHandOver(id: string) {
  const old = useMakeOld(id);
  return useMutation({
    mutationFn: (body: { account: string; as: "member" | "viewer" }) => call("handOver", { id, body }),
    onSuccess: old,
  });
}

export function useLinks(id: string, enabled: boolean) {
  return useQuery({
    queryKey: keys.links(id),
    queryFn: ({ signal }) => call("listLinks", { id }, { signal }),
    enabled,
  });
}

export function useMakeLink(id: string) {
  const old = useMakeOld(id);
  return useMutation({
    mutationFn: (body: { as: "member" | "viewer"; hours: number; mostUses?: number }) =>
      call("makeLink", { id, body }),
    onSuccess: old,
  });
}

export function useRevokeLink(id: string) {
  const old = useMakeOld(id);
  return useMutation({
    mutationFn: ({ link, shares }: { link: string; shares: boolean }) =>
      call("revokeLink", { id, link, shares: String(shares) }),
    onSuccess: old,
  });
}

export function useJoinByLink() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (secret: string) => call("joinByLink", { body: { secret } }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.sessions }),
  });
}

/** Requests to join my sessions that are open, and what became of mine. */
export function useRequests() {
  return useQuery({
    queryKey: keys.requests,
    queryFn: ({ signal }) => call("listRequests", {}, { signal }),
    refetchInterval: glanceMs,
  });
}

export function useAsk(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { as: Role; reason?: string }) => call("askToJoin", { id, body }),
    onSuccess: async ({ state }) => {
      await client.invalidateQueries({ queryKey: keys.requests });
      if (state === "accepted") await client.invalidateQueries({ queryKey: keys.sessions });
    },
  });
}

export interface Answer {
  readonly request: string;
  readonly answer: "yes" | "no";
  readonly as?: Role;
  readonly until?: string;
}

export function useAnswer() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ request, ...body }: Answer) => call("answerRequest", { request, body }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.requests }),
  });
}

export function useWithdraw() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: string) => call("withdrawRequest", { request }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.requests }),
  });
}

export function usePresent(id: string) {
  return useQuery({
    queryKey: keys.present(id),
    queryFn: ({ signal }) => call("listPresent", { id }, { signal }),
    refetchInterval: glanceMs,
  });
}

export function useAudit(id: string, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: keys.audit(id),
    queryFn: ({ signal, pageParam }) =>
      call("listAudit", { id, ...given({ limit: 20, cursor: pageParam }) }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    enabled,
  });
}

function useMakeOld(id: string) {
  const client = useQueryClient();
  return () =>
    Promise.all(
      [keys.shares(id), keys.links(id), keys.audit(id), keys.present(id)].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    );
}
