import type { Dataset } from "../catalogue/dataset.ts";
import type { Environment, Flavour } from "../environment/environment.ts";
import { demand, EndstationError, type Refusal } from "../errors.ts";
import type { Principal } from "../identity/principal.ts";
import { type AdmissionLimits, admit, chooseFlavour, mostAtOnce } from "../policy/admit.ts";
import { authorizeScope } from "../policy/authorize.ts";
import { type ProviderOffer, place } from "../policy/place.ts";
import type { CancelSignal } from "../ports/cancel-signal.ts";
import type { Clock, Ids } from "../ports/clock.ts";
import type { PlaceRequest } from "../ports/compute-provider.ts";
import type { Creation, SessionChange, SessionStore } from "../ports/session-store.ts";
import { begin } from "../session/lifecycle.ts";
import {
  type EndpointKind,
  newSession,
  type Session,
  type SessionKind,
  type SessionRequest,
} from "../session/session.ts";
import { hour } from "../time.ts";
import { arrayOver, batchOf, demandJob, type JobRequest } from "./job.ts";
import type { Teams } from "./session-access.ts";

export interface StartRequest {
  readonly environment: string;
  readonly flavour: string | null;
  readonly provider: string | null;
  readonly name: string | null;
  readonly proposal: string | null;
  readonly datasets: readonly string[];
  readonly notebook: string | null;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Makes it a batch session, whatever the environment is usually started as. */
  readonly job: JobRequest | null;
  readonly idempotency: Creation["idempotency"];
}

/** What can be started, and where. */
export interface Supply {
  readonly environments: readonly Environment[];
  readonly flavours: readonly Flavour[];
  /** Of those providers that she may use. */
  offers(
    principal: Principal,
    request: PlaceRequest,
    signal: CancelSignal,
  ): Promise<readonly ProviderOffer[]>;
}

/** The data a session may have: unknown and unseen alike are `not-found`. */
export interface SessionData {
  datasetsFor(
    principal: Principal,
    ids: readonly string[],
    signal: CancelSignal,
  ): Promise<readonly Dataset[] | Refusal>;
  /** Where a dataset lies, as the portal sees it; null when it is not online. Asked after its reader was. */
  folderOf(dataset: string): Promise<string | null>;
}

/** The folders that must be reachable where a session of these data runs. */
export async function foldersOf(data: SessionData, datasets: readonly Dataset[]): Promise<string[]> {
  const folders = await Promise.all(datasets.map(({ id }) => data.folderOf(id)));
  return folders.filter((folder) => folder !== null);
}

export interface StartDeps {
  readonly store: SessionStore;
  readonly supply: Supply;
  readonly data: SessionData & Teams;
  readonly platform: Clock & Ids;
  readonly limits: AdmissionLimits;
}

/**
 * Starts a session: admitted, placed and written together with its first effect; launching is the runner's. Of a job over
 * several datasets all sessions are made, or none; the answer is the first of them.
 * @throws the coded refusal of whatever stands in the way.
 */
export async function startSession(
  deps: StartDeps,
  principal: Principal | null,
  request: StartRequest,
  signal: CancelSignal,
): Promise<Session> {
  demand(authorizeScope(principal, "sessions"));
  const owner = principal as Principal;
  const environment = environmentOf(deps.supply, request.environment);
  demandJob(environment, request.job);
  const flavour = flavourOf(environment, request.flavour, deps.supply);
  demandNotebook(environment, request.job?.notebook ?? request.notebook);
  const datasets = accepted(await deps.data.datasetsFor(owner, request.datasets, signal));
  const proposal = await proposalOf(deps.data, owner, request.proposal, datasets);
  const folders = await foldersOf(deps.data, datasets);
  const kind = request.job === null ? environment.kind : "batch";
  const offers = await deps.supply.offers(
    owner,
    { kind, flavour, source: environment.source, folders },
    signal,
  );
  const { provider, why } = accepted(place(offers, request.provider));
  const common = {
    owner: owner.account,
    kind,
    environment: environment.name,
    flavour: flavour.name,
    provider,
    placement: why,
    proposal,
    notebook: notebookOf(environment, request),
    parameters: request.parameters,
    endpoints: endpointsOf(kind),
    createdAt: deps.platform.now(),
  };
  return write(deps, freshSessions(deps, request, environment, common, datasets), request);
}

type Common = Omit<SessionRequest, "id" | "datasets" | "batch">;

/** One session with all the datasets, or one for each. */
function freshSessions(
  deps: StartDeps,
  request: StartRequest,
  environment: Environment,
  common: Common,
  datasets: readonly Dataset[],
): readonly Session[] {
  const over = arrayOver(request.job, datasets);
  const first = deps.platform.sessionId();
  const expiresAt = common.createdAt + deps.limits.lifetimeHours * hour;
  return (over?.map((dataset) => [dataset]) ?? [datasets]).map((ofOne, index) => {
    const batch = request.job === null ? null : batchOf(request.job, first, index, over?.length ?? null);
    const id = index === 0 ? first : deps.platform.sessionId();
    const wanted = { ...common, id, datasets: ofOne.map((dataset) => dataset.id), batch };
    return newSession(wanted, request.name ?? nameOf(environment, ofOne), expiresAt);
  });
}

async function write(
  deps: StartDeps,
  fresh: readonly Session[],
  { idempotency, job }: StartRequest,
): Promise<Session> {
  const [first, ...others] = fresh.map(creationOf) as [SessionChange, ...SessionChange[]];
  const { session } = first;
  const created = await deps.store.create({
    ...first,
    others,
    ...(job === null || job.script === null ? {} : { script: job.script }),
    idempotency,
    limit: { perOwner: mostAtOnce(session.kind, deps.limits) },
  });
  switch (created.result) {
    case "created":
      return session;
    case "repeated":
      return created.session;
    case "over-limit":
      throw refusalOf(admit(created.running, fresh.length, session.kind, deps.limits) as Refusal);
    case "key-reused":
      throw new EndstationError("idempotency-mismatch", "the same Idempotency-Key came with another request");
  }
}

function creationOf(fresh: Session): SessionChange {
  const { session, effects } = begin({ ...fresh, version: 1 });
  const { id, createdAt, phase } = session;
  const entry = { sessionId: id, sequence: 1, at: createdAt, event: { type: "created" }, phase } as const;
  return { session, entry, effects };
}

/** A program of its own needs no notebook. */
function notebookOf(environment: Environment, { job, notebook }: StartRequest): string | null {
  return job === null ? (notebook ?? environment.notebooks[0]?.file ?? null) : job.notebook;
}

function environmentOf(supply: Supply, name: string): Environment {
  const found = supply.environments.find((environment) => environment.name === name);
  if (found !== undefined) return found;
  const names = supply.environments.map((environment) => environment.name).join(", ");
  throw new EndstationError("environment-unknown", `there is no environment "${name}"; there are ${names}`);
}

function flavourOf(environment: Environment, name: string | null, supply: Supply): Flavour {
  const chosen = chooseFlavour(environment, name, supply.flavours);
  if ("allowed" in chosen) throw refusalOf(chosen as Refusal);
  return chosen;
}

function demandNotebook(environment: Environment, notebook: string | null): void {
  if (notebook === null || environment.notebooks.some((one) => one.file === notebook)) return;
  const files = environment.notebooks.map((one) => one.file).join(", ");
  throw new EndstationError(
    "notebook-unknown",
    `"${environment.name}" has no notebook "${notebook}"; it has ${files}`,
  );
}

/** The proposal whose results folder it writes to: the one named, or the one of all its data, if it is hers; else none. */
async function proposalOf(
  teams: Teams,
  owner: Principal,
  named: string | null,
  datasets: readonly Dataset[],
): Promise<string | null> {
  const own = await teams.proposalsOf(owner.account);
  if (named !== null && !own.has(named))
    throw new EndstationError("proposal-unknown", `"${named}" is none of your proposals`);
  if (named !== null) return named;
  const ofData = new Set(datasets.map((dataset) => dataset.proposal));
  const [only] = ofData;
  return ofData.size === 1 && only !== undefined && own.has(only) ? only : null;
}

function nameOf(environment: Environment, datasets: readonly Dataset[]): string {
  const [first, ...more] = datasets;
  if (first === undefined) return environment.title;
  return more.length === 0 ? first.title : `${first.title} and ${more.length} more`;
}

function endpointsOf(kind: SessionKind): readonly EndpointKind[] {
  return kind === "batch" ? [] : [kind];
}

function accepted<Value extends object>(value: Value | Refusal): Value {
  if ("allowed" in value) throw refusalOf(value as Refusal);
  return value as Value;
}

function refusalOf(refusal: Refusal): EndstationError {
  return new EndstationError(refusal.code, refusal.detail);
}
