import { useQuery } from "@tanstack/react-query";
import { call, given } from "./client.ts";
import { keys } from "./keys.ts";

export function useEnvironments() {
  return useQuery({
    queryKey: [...keys.environments, "list"],
    queryFn: ({ signal }) => call("listEnvironments", {}, { signal }),
    staleTime: 300_000,
  });
}

export function useFlavours() {
  return useQuery({
    queryKey: [...keys.environments, "flavours"],
    queryFn: ({ signal }) => call("listFlavours", {}, { signal }),
    staleTime: 300_000,
  });
}

/** What can be started for a dataset, the best first; or all of one environment. */
export function usePlans(
  request: { dataset?: string; environment?: string; kind?: "batch" },
  enabled = true,
) {
  return useQuery({
    queryKey: [...keys.plans, request],
    queryFn: ({ signal }) => call("listPlans", given(request), { signal }),
    enabled,
  });
}
