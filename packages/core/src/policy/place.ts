import { type Refusal, refuse } from "../errors.ts";
import { type FacilityRole, hasRole, type Principal } from "../identity/principal.ts";
import type { Offer } from "../ports/compute-provider.ts";

/** An offer with the provider that made it. */
export interface ProviderOffer {
  readonly provider: string;
  readonly offer: Offer;
}

/** Who may start sessions on a provider: these accounts, and whoever has one of these roles. Null: everybody. */
export type ProviderRule = {
  readonly accounts: readonly string[];
  readonly roles: readonly FacilityRole[];
} | null;

export function mayUse(principal: Principal, rule: ProviderRule): boolean {
  if (rule === null) return true;
  return rule.accounts.includes(principal.account) || rule.roles.some((role) => hasRole(principal, role));
}

/** Where a session goes, and why, in words for people. */
export interface Placement {
  readonly provider: string;
  readonly why: string;
}

/**
 * Where a session goes: to the provider named, or to the one where it waits least, then to the one with the most free
 * places; the first in the configuration wins a tie. When none can place it, the answer is the most hopeful provider's
 * own reason.
 */
export function place(offers: readonly ProviderOffer[], named: string | null): Placement | Refusal {
  const asked = named === null ? offers : offers.filter((one) => one.provider === named);
  if (asked.length === 0)
    return refuse(
      "provider-unknown",
      named === null
        ? "there is no compute provider that you may use"
        : `there is no compute provider "${named}"`,
    );
  const best = asked.filter(fits).sort((a, b) => waitOf(a) - waitOf(b) || freeOf(b) - freeOf(a))[0];
  if (best !== undefined)
    return { provider: best.provider, why: named === null ? whyOf(best, asked) : "asked for" };
  const reasons = asked.flatMap(({ offer }) => (offer.fits ? [] : [refuse(offer.code, offer.detail)]));
  return reasons.find((reason) => reason.code === "no-capacity") ?? (reasons[0] as Refusal);
}

function whyOf(best: ProviderOffer, asked: readonly ProviderOffer[]): string {
  const others = asked.filter((one) => one !== best).map((one) => `${one.provider}: ${otherWords(one)}`);
  return [waitWords(waitOf(best)), ...others].join("; ");
}

function otherWords({ offer }: ProviderOffer): string {
  return offer.fits ? waitWords(offer.waitSeconds) : offer.detail;
}

function waitWords(seconds: number): string {
  return seconds === 0 ? "starts at once" : `would wait about ${Math.max(1, Math.round(seconds / 60))} min`;
}

function fits({ offer }: ProviderOffer): boolean {
  return offer.fits;
}

function waitOf({ offer }: ProviderOffer): number {
  return offer.fits ? offer.waitSeconds : Number.POSITIVE_INFINITY;
}

/** A provider that does not say how much is free is neither sought nor shunned. */
function freeOf({ offer }: ProviderOffer): number {
  return offer.fits ? (offer.free ?? 1) : 0;
}
