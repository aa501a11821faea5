import { useQuery } from "@tanstack/react-query";
import { call } from "./client.ts";
import { keys } from "./keys.ts";

/** My own experiments, or with the open ones of others. */
export function useProposals(mine: boolean) {
  return useQuery({
    queryKey: [...keys.proposals, "list", mine],
    queryFn: ({ signal }) => call("listProposals", { mine: String(mine), limit: 200 }, { signal }),
  });
}

export function useProposal(id: string | null) {
  return useQuery({
    queryKey: [...keys.proposals, "one", id],
    queryFn: ({ signal }) => call("getProposal", { id: id ?? "" }, { signal }),
    enabled: id !== null,
  });
}
