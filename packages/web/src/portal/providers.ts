import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "./client.ts";
import { keys } from "./keys.ts";

/** Where sessions run; counts change without a hint, so they are asked for again while the page is looked at. */
const askAgainAfter = 10_000;

export function useProviders() {
  return useQuery({
    queryKey: keys.providers,
    queryFn: ({ signal }) => call("listProviders", {}, { signal }),
    refetchInterval: askAgainAfter,
  });
}

export function useDrainOrResume() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, drain }: { id: string; drain: boolean }) =>
      call(drain ? "drainProvider" : "resumeProvider", { id }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.providers }),
  });
}
