import type { Instant } from "../time.ts";

/** A member of a proposal's team. `role` as in {@link MemberRole} of identity. */
export interface Member {
  readonly account: string;
  readonly name: string;
  readonly role: "principal-investigator" | "member" | "local-contact";
}

/** A granted experiment: ICAT's investigation, SciCat's proposal. */
export interface Proposal {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly instrument: string;
  readonly facility: string;
  readonly startsAt: Instant | null;
  readonly endsAt: Instant | null;
  /** When its data become open; null: never (proprietary). */
  readonly releaseAt: Instant | null;
  /** Whether everybody may see that its datasets exist while they are under embargo. */
  readonly listed: boolean;
  readonly members: readonly Member[];
}
