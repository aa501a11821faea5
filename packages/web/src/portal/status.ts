import { useQuery } from "@tanstack/react-query";
import { keys } from "./keys.ts";

export interface PortalStatus {
  readonly ready: boolean;
  readonly parts: readonly { readonly name: string; readonly up: boolean; readonly detail: string }[];
}

/** Each part of the portal with its state, as `/readyz` tells it. */
export function usePortalStatus() {
  return useQuery({ queryKey: keys.status, queryFn: ({ signal }) => askStatus(signal), staleTime: 5_000 });
}

async function askStatus(signal: AbortSignal): Promise<PortalStatus> {
  const response = await fetch("/readyz", { signal, headers: { accept: "application/json" } });
  return (await response.json()) as PortalStatus;
}
