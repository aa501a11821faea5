import { demand, EndstationError } from "../errors.ts";
import type { Principal } from "../identity/principal.ts";
import { authorizeAdmin } from "../policy/authorize.ts";
import type { Clock } from "../ports/clock.ts";
import type { Capabilities } from "../ports/compute-provider.ts";
import type { Drain, ProviderStates } from "../ports/provider-states.ts";
import type { Instant } from "../time.ts";

export interface ProvidersDeps {
  /** In the order of the configuration. */
  readonly configured: ReadonlyMap<string, Capabilities>;
  readonly states: ProviderStates;
  readonly clock: Clock;
}

/** A provider as administrators see it; `capabilities` null: it is not configured any more and sessions of it are left. */
export interface ProviderView {
  readonly name: string;
  readonly capabilities: Capabilities | null;
  readonly drain: Drain | null;
  /** Since when it cannot be asked; null: it answers. */
  readonly outageSince: Instant | null;
  readonly liveSessions: number;
}

/** @throws not-allowed for all but administrators. */
export async function listProviders(
  deps: ProvidersDeps,
  principal: Principal | null,
): Promise<readonly ProviderView[]> {
  demand(authorizeAdmin(principal));
  const { states } = deps;
  const [drains, outages, live] = await Promise.all([
    states.drains(),
    states.outages(),
    states.liveSessions(),
  ]);
  const names = [...new Set([...deps.configured.keys(), ...live.keys()])];
  return names.map((name) => ({
    name,
    capabilities: deps.configured.get(name) ?? null,
    drain: drains.find(({ provider }) => provider === name) ?? null,
    outageSince: outages.get(name) ?? null,
    liveSessions: live.get(name) ?? 0,
  }));
}

/** No new sessions there until it is resumed; those that run or wait go on. @throws not-allowed · not-found. */
export async function drainProvider(
  deps: ProvidersDeps,
  principal: Principal | null,
  name: string,
): Promise<ProviderView> {
  const by = (await demandConfigured(deps, principal, name)).account;
  await deps.states.drain({ provider: name, by, at: deps.clock.now() });
  return viewOf(deps, principal, name);
}

/** @throws as {@link drainProvider}. */
export async function resumeProvider(
  deps: ProvidersDeps,
  principal: Principal | null,
  name: string,
): Promise<ProviderView> {
  await demandConfigured(deps, principal, name);
  await deps.states.resume(name);
  return viewOf(deps, principal, name);
}

async function demandConfigured(
  deps: ProvidersDeps,
  principal: Principal | null,
  name: string,
): Promise<Principal> {
  demand(authorizeAdmin(principal));
  if (!deps.configured.has(name))
    throw new EndstationError(
      "not-found",
      `there is no compute provider "${name}"; there are ${[...deps.configured.keys()].join(", ")}`,
    );
  return principal as Principal;
}

async function viewOf(deps: ProvidersDeps, principal: Principal | null, name: string): Promise<ProviderView> {
  return (await listProviders(deps, principal)).find((one) => one.name === name) as ProviderView;
}
