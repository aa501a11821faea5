import { createHash } from "node:crypto";
import { sessionIdPattern } from "@endstation/core";
import type { Attempt } from "../../../transports/tunnel/index.ts";

/** Labels of everything that is ours. */
export const label = {
  manager: "app.kubernetes.io/managed-by",
  owner: "endstation.org/owner",
  provider: "endstation.org/provider",
  session: "endstation.org/session",
  attempt: "endstation.org/attempt",
  kind: "endstation.org/kind",
} as const;

/** On a pod whose end was asked for by us: the cause as JSON, `null` where a person or the portal wanted it. */
export const endAsked = "endstation.org/end-asked";

/** Eight letters or digits that tell one portal's pods from another's. */
export function ownerOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** The pod's name, which is also the handle. */
export function podName({ sessionId, attempt }: Attempt, owner: string): string {
  return `${sessionId}-${attempt}-${owner}`;
}

/** What a handle says; null: it is none of this owner's. */
export function attemptOf(handle: string, owner: string): Attempt | null {
  const [, sessionId = "", attempt = "", whose] =
    /^(s-[a-z0-9]+)-(\d{1,7})-([a-z0-9]{8})$/.exec(handle) ?? [];
  return sessionIdPattern.test(sessionId) && whose === owner ? { sessionId, attempt: Number(attempt) } : null;
}
