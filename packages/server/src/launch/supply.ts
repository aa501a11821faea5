import {
  type CancelSignal,
  type ComputeProvider,
  EndstationError,
  type Environment,
  type Flavour,
  mayUse,
  type Offer,
  type PlaceRequest,
  type ProviderRule,
  type ProviderStates,
  Rejected,
  type Supply,
  Unavailable,
} from "@endstation/core";

/** A provider that takes longer than this to say whether it has a place counts as one that cannot be asked. */
const answersWithin = 3_000;

type Asked = Pick<ComputeProvider<never>, "offers" | "capabilities">;

export interface SupplyNeeds {
  readonly environments: readonly Environment[];
  readonly flavours: readonly Flavour[];
  /** In the order of the configuration. */
  readonly providers: ReadonlyMap<string, Asked>;
  /** Who may use them; one without a rule is for everybody. */
  readonly rules: ReadonlyMap<string, ProviderRule>;
  readonly states: Pick<ProviderStates, "drains">;
}

/** What can be started, and where: asks every provider at once. */
export function supplyOf({ environments, flavours, providers, rules, states }: SupplyNeeds): Supply {
  const offers: Supply["offers"] = async (principal, request, signal) => {
    const drained = new Set((await states.drains()).map(({ provider }) => provider));
    const usable = [...providers].filter(([name]) => mayUse(principal, rules.get(name) ?? null));
    return Promise.all(
      usable.map(async ([name, provider]) => ({
        provider: name,
        offer: drained.has(name) ? takesNone : await offerOf(name, provider, request, signal),
      })),
    );
  };
  return { environments, flavours, offers };
}

async function offerOf(
  name: string,
  provider: Asked,
  request: PlaceRequest,
  signal: CancelSignal,
): Promise<Offer> {
  if (provider.capabilities.sources.every((kind) => request.source[kind] === undefined)) return notBuilt;
  if (!provider.capabilities.kinds.includes(request.kind)) return notOfThatKind;
  return askedInTime(name, (within) => provider.offers(request, within), signal);
}

const takesNone: Offer = {
  fits: false,
  code: "provider-drained",
  detail: "takes no new sessions at the moment",
};

const notOfThatKind: Offer = {
  fits: false,
  code: "environment-unavailable",
  detail: "sessions of that kind do not run there",
};

const notBuilt: Offer = {
  fits: false,
  code: "environment-unavailable",
  detail: "the environment is not set up for this compute provider",
};

async function askedInTime(
  provider: string,
  ask: (signal: CancelSignal) => Promise<Offer>,
  signal: CancelSignal,
): Promise<Offer> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), answersWithin);
  const callOff = () => late.abort();
  signal.addEventListener("abort", callOff);
  try {
    return await ask(late.signal);
  } catch (error) {
    if (error instanceof Rejected) return { fits: false, ...error.refusal };
    if (error instanceof Unavailable || late.signal.aborted)
      return {
        fits: false,
        code: "provider-unavailable",
        detail: `"${provider}" cannot be asked at the moment`,
      };
    throw new EndstationError("internal", `asking "${provider}" for a place`, { cause: error });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", callOff);
  }
}
