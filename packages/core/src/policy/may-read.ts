import type { Access } from "../catalogue/dataset.ts";
import { hasRole, type Principal } from "../identity/principal.ts";
import type { Reader } from "../ports/catalogue-index.ts";
import type { Instant } from "../time.ts";

/** What the policy needs to know of a dataset (or of a whole proposal). */
export interface Release {
  readonly releaseAt: Instant | null;
  /** Whether everybody may see that it exists before its release. */
  readonly listed: boolean;
  readonly instrument: string;
  readonly memberAccounts: readonly string[];
}

/** The facility's data policy beyond membership and release. */
export interface DataPolicy {
  /** Instruments whose data an instrument scientist may read, by account. */
  readonly instrumentsOf: Readonly<Record<string, readonly string[]>>;
}

/**
 * What a person may do with data: `open` after release, `member` as part of the team (or responsible for the
 * instrument), `embargoed` when she may only know of them, `null` when for her there is nothing.
 * Administrators and support read no data by their role: they ask to be added, which is recorded.
 */
export function accessTo(
  principal: Principal | null,
  release: Release,
  policy: DataPolicy,
  now: Instant,
): Access | null {
  if (principal === null) return null;
  if (isMember(principal, release) || isResponsible(principal, release, policy)) return "member";
  if (release.releaseAt !== null && release.releaseAt <= now) return "open";
  return release.listed ? "embargoed" : null;
}

/** Whether a person may read the data themselves. */
export function mayRead(
  principal: Principal | null,
  release: Release,
  policy: DataPolicy,
  now: Instant,
): boolean {
  const access = accessTo(principal, release, policy, now);
  return access === "open" || access === "member";
}

/** What an index needs to decide `accessTo` for this person by itself. */
export function readerOf(principal: Principal, policy: DataPolicy, now: Instant): Reader {
  return { account: principal.account, instruments: instrumentsOf(principal, policy), now };
}

function isMember(principal: Principal, release: Release): boolean {
  return release.memberAccounts.includes(principal.account);
}

function isResponsible(principal: Principal, release: Release, policy: DataPolicy): boolean {
  return instrumentsOf(principal, policy).includes(release.instrument);
}

function instrumentsOf(principal: Principal, policy: DataPolicy): readonly string[] {
  const own = Object.hasOwn(policy.instrumentsOf, principal.account)
    ? policy.instrumentsOf[principal.account]
    : undefined;
  return hasRole(principal, "instrument-scientist") ? (own ?? []) : [];
}
