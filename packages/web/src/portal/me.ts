import type { Me } from "@endstation/api";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { call, isStatus } from "./client.ts";
import { keys } from "./keys.ts";

/** Who is logged in; null: nobody. */
export function useMe(): UseQueryResult<Me | null> {
  return useQuery({ queryKey: keys.me, queryFn: ({ signal }) => askMe(signal), staleTime: 300_000 });
}

export async function askMe(signal?: AbortSignal): Promise<Me | null> {
  try {
    return await call("me", {}, signal === undefined ? {} : { signal });
  } catch (error) {
    if (isStatus(error, 401)) return null;
    throw error;
  }
}

/** Where to log in so that one comes back to `path`; what is behind its `#` is for no server's eyes. */
export function loginAddress(path: string): string {
  const [toServer = "/"] = path.split("#", 1);
  return `/auth/login?returnTo=${encodeURIComponent(toServer)}`;
}
