import type { Scope } from "@endstation/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "./client.ts";
import { keys } from "./keys.ts";

export function useTokens() {
  return useQuery({ queryKey: keys.tokens, queryFn: ({ signal }) => call("listTokens", {}, { signal }) });
}

export function useMakeToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; scopes: Scope[]; expiresInSeconds: number }) =>
      call("makeToken", { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.tokens }),
  });
}

export function useRevokeToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call("revokeToken", { id }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.tokens }),
  });
}

/** Answers the command line that shows `userCode`. */
export function useAnswerDevice() {
  return useMutation({
    mutationFn: (body: { userCode: string; approve: boolean }) => call("approveDevice", { body }),
  });
}
