import {
  EndstationError,
  type Environment,
  errorCatalogue,
  type Flavour,
  listPlans,
  type Plan,
  type SessionData,
  type Supply,
} from "@endstation/core";
import type { Handlers } from "./handlers.ts";

export interface EnvironmentsDeps {
  readonly supply: Supply;
  readonly data: SessionData;
}

export function environmentHandlers(
  deps: EnvironmentsDeps,
): Pick<Handlers, "listEnvironments" | "getEnvironment" | "listFlavours" | "listPlans"> {
  return {
    listEnvironments: async () => ({ items: deps.supply.environments.map(wireEnvironment), next: null }),
    getEnvironment: async ({ params }) => {
      const found = deps.supply.environments.find((environment) => environment.name === params.id);
      if (found === undefined)
        throw new EndstationError("not-found", `there is no environment "${params.id}"`);
      return wireEnvironment(found);
    },
    listFlavours: async () => ({ items: deps.supply.flavours.map(wireFlavour), next: null }),
    listPlans: async ({ principal, query, signal }) => {
      const request = {
        dataset: query.dataset ?? null,
        environment: query.environment ?? null,
        kind: query.kind ?? null,
      };
      const plans = await listPlans(deps, principal, request, signal);
      return { items: plans.map(wirePlan), next: null };
    },
  };
}

function wireEnvironment({
  name,
  title,
  description,
  kind,
  software,
  techniques,
  instruments,
  flavours,
  notebooks,
}: Environment) {
  return {
    name,
    title,
    description,
    kind,
    software: [...software],
    techniques: [...techniques],
    instruments: [...instruments],
    flavours: [...flavours],
    notebooks: notebooks.map(({ parameters, ...one }) => ({ ...one, parameters: [...parameters] })),
  };
}

function wireFlavour({ name, title, cpus, memoryMiB, gpus }: Flavour) {
  return { name, title, cpus, memoryMiB, gpus };
}

function wirePlan(plan: Plan) {
  const { cause } = plan;
  return {
    environment: plan.environment.name,
    environmentTitle: plan.environment.title,
    flavour: plan.flavour.name,
    provider: plan.provider,
    score: plan.fit.score,
    reason: plan.fit.reason,
    isDefault: plan.isDefault,
    waitEstimateSeconds: plan.waitSeconds,
    cause:
      cause === null
        ? null
        : { ...cause, title: errorCatalogue[cause.code][0], next: errorCatalogue[cause.code][1] },
  };
}
