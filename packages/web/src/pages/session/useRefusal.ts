import { useEffect, useState } from "react";
import { isStatus } from "../../portal/client.ts";

/** That she may not look into it (any more). It stands while it is asked again, so that what she writes there is not lost. */
export function useRefusal({ error, isFetching }: { error: unknown; isFetching: boolean }): unknown {
  const [before, setBefore] = useState<unknown>(null);
  const isRefused = isStatus(error, 403) || isStatus(error, 404);
  const refusal = isRefused ? error : isFetching ? before : null;
  useEffect(() => setBefore(refusal), [refusal]);
  return refusal;
}
