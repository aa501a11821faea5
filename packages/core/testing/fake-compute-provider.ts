import { type Cause, Rejected, Unavailable } from "../src/errors.ts";
import type { CancelSignal } from "../src/ports/cancel-signal.ts";
import type {
  Capabilities,
  ComputeProvider,
  LaunchSpec,
  Offer,
  Seen,
  Sighting,
  Target,
} from "../src/ports/compute-provider.ts";
import type { Observation } from "../src/session/event.ts";
import type { EndpointKind } from "../src/session/session.ts";
import type { Instant } from "../src/time.ts";

type Seeable = Exclude<Observation, { state: "nothing" }>;

/** What goes wrong; change it while a test runs. */
export interface FakeFaults {
  /** Nothing can be asked. */
  unavailable: boolean;
  /** Every launch is refused with this. */
  refusal: Cause | null;
  /** Each call takes so long, in milliseconds. */
  delay: number;
  /** So many of the next launches and terminations are carried out and their answers lost. */
  loseAnswers: number;
}

interface FakeSession {
  readonly spec: LaunchSpec;
  observation: Seeable;
  log: string;
}

/** The engine behind the provider, which outlives it: make a second provider over it to play a restart. */
export interface FakeBackend {
  readonly faults: FakeFaults;
  /** How many launches really began something. */
  readonly starts: number;
  /** What is there, by handle. */
  readonly sessions: ReadonlyMap<string, { readonly spec: LaunchSpec; readonly observation: Seeable }>;
  /** Has it be seen so from now on. */
  set(handle: string, observation: Seeable): void;
  /** Forgets it: the next full list does not have it. */
  forget(handle: string): void;
}

export interface FakeOptions<Connection> {
  readonly backend: FakeBackend;
  now(): Instant;
  sleep(milliseconds: number): Promise<void>;
  /** What `dial` answers with. */
  connect(handle: string, endpoint: EndpointKind): Connection;
  readonly capabilities?: Partial<Capabilities>;
  /** How a session is seen right after its launch. */
  readonly first?: Seeable;
  /** How many may run at once; null: any number. */
  readonly places?: number | null;
}

export function createFakeBackend(): FakeBackend {
  return new Backend();
}

/** A provider that keeps every promise of the port and runs nothing. */
export function createFakeComputeProvider<Connection>(
  options: FakeOptions<Connection>,
): ComputeProvider<Connection> {
  const backend = options.backend as Backend;
  const asked = <T>(signal: CancelSignal, answer: () => T): Promise<T> =>
    backend.ask(options, signal, answer);
  return {
    capabilities: { ...fakeCapabilities, ...options.capabilities },
    offers: (request, signal) =>
      asked(signal, () => offer(backend, options.places ?? null, request.flavour.memoryMiB)),
    launch: (spec, signal) =>
      asked(signal, () => backend.launch(spec, options.first ?? { state: "running" })),
    observe: (signal) => observe(backend, options, signal),
    terminate: (target, signal) => asked(signal, () => backend.terminate(target)),
    dial: (target, endpoint, signal) =>
      asked(signal, () => {
        const [handle, { spec, observation }] = backend.find(target);
        if (!spec.endpoints.includes(endpoint))
          throw new Rejected("session-unreachable", `${handle} has no endpoint "${endpoint}"`);
        if (observation.state !== "running") throw new Unavailable(`${handle} does not run`);
        return options.connect(handle, endpoint);
      }),
    logs: (target, maxBytes, signal) => asked(signal, () => backend.find(target)[1].log.slice(-maxBytes)),
  };
}

const fakeCapabilities: Capabilities = {
  kinds: ["jupyter", "desktop", "terminal", "batch"],
  endpoints: ["jupyter", "desktop", "terminal"],
  logs: true,
  isolation: "none",
  limits: "none",
  network: "none",
  sources: ["path"],
};

const largest = 1024 * 1024;

function offer(backend: Backend, places: number | null, memoryMiB: number): Offer {
  if (memoryMiB > largest) return { fits: false, code: "too-large", detail: `at most ${largest} MiB` };
  if (places === null) return { fits: true, waitSeconds: 0, free: null };
  const free =
    places - [...backend.sessions.values()].filter((one) => one.observation.state !== "gone").length;
  return free > 0
    ? { fits: true, waitSeconds: 0, free }
    : { fits: false, code: "no-capacity", detail: `all ${places} places are taken` };
}

class Backend implements FakeBackend {
  readonly faults: FakeFaults = { unavailable: false, refusal: null, delay: 0, loseAnswers: 0 };
  readonly sessions = new Map<string, FakeSession>();
  readonly #watchers = new Set<(handle: string) => void>();
  starts = 0;

  set(handle: string, observation: Seeable): void {
    const session = this.sessions.get(handle);
    if (session === undefined) return;
    session.observation = observation;
    this.#tell(handle);
  }

  forget(handle: string): void {
    this.sessions.delete(handle);
    this.#tell(handle);
  }

  launch(spec: LaunchSpec, first: Seeable): { handle: string } {
    const handle = `${spec.sessionId}.${spec.attempt}`;
    if (this.sessions.has(handle)) return this.#answer({ handle });
    if (this.faults.refusal !== null)
      throw new Rejected(this.faults.refusal.code, this.faults.refusal.detail);
    if (Object.keys(spec.source).length === 0)
      throw new Rejected("environment-unavailable", "it has no source");
    this.starts += 1;
    this.sessions.set(handle, { spec, observation: first, log: `started as ${handle}\n` });
    this.#tell(handle);
    return this.#answer({ handle });
  }

  terminate({ sessionId, handle }: Target): void {
    for (const [name, session] of this.sessions)
      if (handle === null ? session.spec.sessionId === sessionId : name === handle)
        if (session.observation.state !== "gone")
          this.set(name, { state: "gone", exitCode: null, cause: null });
    this.#answer(undefined);
  }

  find({ sessionId, handle }: Target): [string, FakeSession] {
    const found = [...this.sessions].filter(([name, { spec }]) =>
      handle === null ? spec.sessionId === sessionId : name === handle,
    );
    const last = found.at(-1);
    if (last === undefined) throw new Unavailable(`${sessionId} is not known here`);
    return last;
  }

  async ask<T>(
    options: Pick<FakeOptions<never>, "sleep">,
    signal: CancelSignal,
    answer: () => T,
  ): Promise<T> {
    await unlessCancelled(signal, options.sleep(this.faults.delay), this.faults.delay > 0);
    if (this.faults.unavailable) throw new Unavailable("the fake engine is down");
    return answer();
  }

  watch(watcher: (handle: string) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  list(): Seen[] {
    return [...this.sessions].map(([handle, { spec, observation }]) => ({
      sessionId: spec.sessionId,
      attempt: spec.attempt,
      handle,
      observation,
    }));
  }

  #answer<T>(answer: T): T {
    if (this.faults.loseAnswers === 0) return answer;
    this.faults.loseAnswers -= 1;
    throw new Unavailable("the answer was lost");
  }

  #tell(handle: string): void {
    for (const watcher of this.#watchers) watcher(handle);
  }
}

async function* observe(
  backend: Backend,
  options: Pick<FakeOptions<never>, "sleep" | "now">,
  signal: CancelSignal,
): AsyncGenerator<Sighting> {
  const changed = new Set<string>();
  let wake: () => void = () => {};
  const ring = (): void => wake();
  const unwatch = backend.watch((handle) => {
    changed.add(handle);
    ring();
  });
  signal.addEventListener("abort", ring);
  try {
    yield await backend.ask(options, signal, () => ({
      type: "all",
      asOf: options.now(),
      seen: backend.list(),
    }));
    while (!signal.aborted) {
      if (changed.size === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      const handles = new Set(changed);
      changed.clear();
      if (signal.aborted) return;
      if (backend.faults.unavailable) throw new Unavailable("the fake engine is down");
      yield* sightings(backend, handles, options.now());
    }
  } finally {
    unwatch();
    signal.removeEventListener("abort", ring);
  }
}

function sightings(backend: Backend, changed: ReadonlySet<string>, asOf: Instant): Sighting[] {
  const seen = backend.list();
  if ([...changed].some((handle) => !backend.sessions.has(handle))) return [{ type: "all", asOf, seen }];
  return seen.filter((one) => changed.has(one.handle)).map((one) => ({ type: "change", asOf, seen: one }));
}

/** Waits, but no longer than until the signal is raised. */
async function unlessCancelled(signal: CancelSignal, waiting: Promise<void>, waits: boolean): Promise<void> {
  if (signal.aborted) throw new Unavailable("called off");
  if (!waits) return;
  let abort: () => void = () => {};
  const cancelled = new Promise<never>((_resolve, reject) => {
    abort = () => reject(new Unavailable("called off"));
    signal.addEventListener("abort", abort);
  });
  await Promise.race([waiting, cancelled]).finally(() => signal.removeEventListener("abort", abort));
}
