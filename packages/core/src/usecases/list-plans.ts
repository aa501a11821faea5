import type { Dataset } from "../catalogue/dataset.ts";
import { type Environment, type Fit, type Flavour, fit } from "../environment/environment.ts";
import { type Cause, demand, EndstationError, type Refusal } from "../errors.ts";
import type { Principal } from "../identity/principal.ts";
import { authorizeScope } from "../policy/authorize.ts";
import type { ProviderOffer } from "../policy/place.ts";
import type { CancelSignal } from "../ports/cancel-signal.ts";
import type { SessionKind } from "../session/session.ts";
import { foldersOf, type SessionData, type Supply } from "./start-session.ts";

/** Environment × flavour × provider, with how well it suits and what stands in its way. */
export interface Plan {
  readonly environment: Environment;
  readonly flavour: Flavour;
  readonly provider: string;
  readonly fit: Fit;
  readonly isDefault: boolean;
  readonly waitSeconds: number | null;
  readonly cause: Cause | null;
}

export interface PlansRequest {
  readonly dataset: string | null;
  readonly environment: string | null;
  /** To be started as this, such as `batch`; null: as each environment usually is. */
  readonly kind: SessionKind | null;
}

/** What can be started for a dataset, the best first: what can be had, by fit, the environment's own flavour ahead. */
export async function listPlans(
  deps: { readonly supply: Supply; readonly data: SessionData },
  principal: Principal | null,
  request: PlansRequest,
  signal: CancelSignal,
): Promise<readonly Plan[]> {
  demand(authorizeScope(principal, "read"));
  const dataset = await datasetOf(deps.data, principal as Principal, request.dataset, signal);
  const environments = deps.supply.environments.filter(
    (one) => (request.environment === null || one.name === request.environment) && mayBe(one, request.kind),
  );
  const folders = dataset === null ? [] : await foldersOf(deps.data, [dataset]);
  const plans = await Promise.all(
    environments.map((environment) =>
      plansOf(
        deps.supply,
        principal as Principal,
        asKind(environment, request.kind),
        dataset,
        folders,
        signal,
      ),
    ),
  );
  return plans.flat().sort(better);
}

/** A terminal is started as nothing else: whose software it has is offered itself. */
function mayBe(environment: Environment, kind: SessionKind | null): boolean {
  return kind === null || environment.kind !== "terminal" || kind === "terminal";
}

function asKind(environment: Environment, kind: SessionKind | null): Environment {
  return kind === null ? environment : { ...environment, kind };
}

async function plansOf(
  supply: Supply,
  principal: Principal,
  environment: Environment,
  dataset: Dataset | null,
  folders: readonly string[],
  signal: CancelSignal,
): Promise<Plan[]> {
  const suits = dataset === null ? { score: 50, reason: environment.description } : fit(environment, dataset);
  const flavours = supply.flavours.filter((flavour) => environment.flavours.includes(flavour.name));
  const plans = flavours.map(async (flavour) => {
    const offers = await supply.offers(
      principal,
      { kind: environment.kind, flavour, source: environment.source, folders },
      signal,
    );
    const isDefault = flavour.name === environment.flavours[0];
    return offers.map((offer) => ({ environment, flavour, fit: suits, isDefault, ...answerOf(offer) }));
  });
  return (await Promise.all(plans)).flat();
}

function answerOf({ provider, offer }: ProviderOffer): Pick<Plan, "provider" | "waitSeconds" | "cause"> {
  if (offer.fits) return { provider, waitSeconds: offer.waitSeconds, cause: null };
  return { provider, waitSeconds: null, cause: { code: offer.code, detail: offer.detail } };
}

async function datasetOf(
  data: SessionData,
  principal: Principal,
  id: string | null,
  signal: CancelSignal,
): Promise<Dataset | null> {
  if (id === null) return null;
  const found = await data.datasetsFor(principal, [id], signal);
  if ("allowed" in found) throw new EndstationError((found as Refusal).code, (found as Refusal).detail);
  return found[0] ?? null;
}

function better(a: Plan, b: Plan): number {
  const can = Number(b.cause === null) - Number(a.cause === null);
  if (b.fit.score !== a.fit.score) return b.fit.score - a.fit.score;
  return can || Number(b.isDefault) - Number(a.isDefault) || a.flavour.memoryMiB - b.flavour.memoryMiB;
}
