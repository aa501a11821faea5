import { allowed, type Decision, refuse } from "../errors.ts";
import type { ShareLink } from "../ports/sharing.ts";
import type { Instant } from "../time.ts";

/** Whether a link lets anybody in now. Who holds its secret may know why it does not. */
export function mayTake(link: ShareLink | null, now: Instant): Decision {
  if (link === null) return refuse("link-invalid", "there is no such link");
  if (link.revokedAt !== null) return refuse("link-invalid", "it was revoked");
  if (link.until <= now) return refuse("link-invalid", "its time is over");
  return allowed;
}

/** Whether there is room for one more. */
export function hasRoom({ mostUses, uses }: Pick<ShareLink, "mostUses" | "uses">): boolean {
  return mostUses === null || uses.length < mostUses;
}
