import { type Refusal, refuse } from "../errors.ts";
import type { Offer } from "../ports/compute-provider.ts";

/** An offer with the provider that made it. */
export interface ProviderOffer {
  readonly provider: string;
  readonly offer: Offer;
}

/**
 * Where a session goes: to the provider named, or to the one where it waits least; the first in the configuration wins a tie.
 * When none can place it, the answer is the most hopeful provider's own reason.
 */
export function place(
  offers: readonly ProviderOffer[],
  named: string | null,
): { readonly provider: string } | Refusal {
  const asked = named === null ? offers : offers.filter((one) => one.provider === named);
  if (asked.length === 0)
    return refuse(
      "provider-unknown",
      named === null ? "no compute provider is configured" : `there is no compute provider "${named}"`,
    );
  const best = asked.filter((one) => one.offer.fits).sort((a, b) => waitOf(a) - waitOf(b))[0];
  if (best !== undefined) return { provider: best.provider };
  const reasons = asked.flatMap(({ offer }) => (offer.fits ? [] : [refuse(offer.code, offer.detail)]));
  return reasons.find((reason) => reason.code === "no-capacity") ?? (reasons[0] as Refusal);
}

function waitOf({ offer }: ProviderOffer): number {
  return offer.fits ? offer.waitSeconds : Number.POSITIVE_INFINITY;
}
