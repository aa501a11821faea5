import type { Plan } from "@endstation/api";

/** One environment with all that it can be started as; the best plan of each flavour. */
export interface Offer {
  readonly environment: string;
  readonly title: string;
  readonly reason: string;
  readonly score: number;
  readonly plans: readonly Plan[];
  /** What is proposed: the environment's own flavour if it can be had, another otherwise; null when none can. */
  readonly proposed: Plan | null;
}

/** Plans by environment, those that can be had and fit best first. */
export function offersOf(plans: readonly Plan[]): Offer[] {
  const byEnvironment = Map.groupBy(plans, ({ environment }) => environment);
  return [...byEnvironment.values()].map(offerOf).sort(better);
}

function offerOf(plans: readonly Plan[]): Offer {
  const first = plans[0] as Plan;
  const byFlavour = [...Map.groupBy(plans, ({ flavour }) => flavour).values()].map(soonest);
  const available = byFlavour.filter(({ cause }) => cause === null);
  return {
    environment: first.environment,
    title: first.environmentTitle,
    reason: first.reason,
    score: first.score,
    plans: byFlavour,
    proposed: available.find(({ isDefault }) => isDefault) ?? available[0] ?? null,
  };
}

/** Several providers may offer a flavour: the one that can be had, and waits least. */
function soonest(plans: readonly Plan[]): Plan {
  return plans.reduce((best, plan) => (waitOf(plan) < waitOf(best) ? plan : best));
}

function waitOf({ cause, waitEstimateSeconds }: Plan): number {
  return cause === null ? (waitEstimateSeconds ?? 0) : Number.POSITIVE_INFINITY;
}

function better(a: Offer, b: Offer): number {
  const can = Number(b.proposed !== null) - Number(a.proposed !== null);
  return can !== 0 && Math.min(a.score, b.score) > 0 ? can : b.score - a.score || can;
}
