import {
  type CancelSignal,
  type ComputeProvider,
  EndstationError,
  type Environment,
  type Flavour,
  type Offer,
  type PlaceRequest,
  type ProviderOffer,
  Rejected,
  type Supply,
  Unavailable,
} from "@endstation/core";

/** A provider that takes longer than this to say whether it has a place counts as one that cannot be asked. */
const answersWithin = 3_000;

/** What can be started, and where: asks every provider at once. */
export function supplyOf<Connection>(
  environments: readonly Environment[],
  flavours: readonly Flavour[],
  providers: ReadonlyMap<string, Pick<ComputeProvider<Connection>, "offers" | "capabilities">>,
): Supply {
  const offers = (request: PlaceRequest, signal: CancelSignal) =>
    Promise.all(
      [...providers].map(async ([name, provider]): Promise<ProviderOffer> => {
        if (provider.capabilities.sources.every((kind) => request.source[kind] === undefined))
          return { provider: name, offer: notBuilt };
        const ask = (within: CancelSignal) => provider.offers(request, within);
        return { provider: name, offer: await askedInTime(name, ask, signal) };
      }),
    );
  return { environments, flavours, offers };
}

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
