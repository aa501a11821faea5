import type { EnvironmentSource, Flavour } from "../../src/environment/environment.ts";
import type { ErrorCode } from "../../src/errors.ts";
import type {
  ComputeProvider,
  LaunchSpec,
  PosixAccount,
  Seen,
  Target,
} from "../../src/ports/compute-provider.ts";
import type { Observation } from "../../src/session/event.ts";
import type { EndpointKind, Job } from "../../src/session/session.ts";
import type { Instant } from "../../src/time.ts";
import { cancelSource, never } from "../cancel.ts";

/** A provider under test, and what the cases need around it. */
export interface ComputeSubject<Connection> {
  readonly provider: ComputeProvider<Connection>;
  /** Another one over the same back-end, as after a restart of the portal. The subject closes it at its end. */
  open(): Promise<ComputeProvider<Connection>>;
  /** A session that can run: a fresh id, its folders made; two `people` have nothing in common. */
  spec(changes?: SpecChanges): Promise<LaunchSpec>;
  sleep(milliseconds: number): Promise<void>;
  now(): Instant;
  /** Speaks to an endpoint until it answers; resolves to what it said, and rejects when the connection breaks. */
  greet(connection: Connection): Promise<string>;
  /** Types a line into the shell of a terminal, and answers what is on its screen once `wanted` is. */
  type?(connection: Connection, line: string, wanted: string): Promise<string>;
  /** Runs Python inside a session and answers what it printed; rejects when that process is killed. */
  run?(provider: ComputeProvider<Connection>, target: Target, code: string): Promise<string>;
  /** Paths on the machine that no session may see, such as the portal's state and sockets. */
  readonly hidden?: readonly string[];
  /** A TCP port on the machine's loopback address where something listens. */
  readonly openPort?: number;
  /** Kills what runs the session, as an operator or the machine might. */
  killFromOutside?(handle: string): Promise<void>;
  /** Whom a file in a session's `/results` belongs to, as the storage has it; null: it is not there. */
  ownerOf?(spec: LaunchSpec, name: string): Promise<{ readonly uid: number; readonly gid: number } | null>;
  /** Who an account of the machine is inside, where the engine numbers accounts anew. */
  insideAs?(account: PosixAccount): PosixAccount;
  /** The engine, where a test may disturb it. */
  readonly engine?: EngineUnderTest;
}

/** A real engine and what can happen to it. Each member that is missing is a case skipped, with that as its reason. */
export interface EngineUnderTest {
  /** It answers nobody any more; what it runs may run on. */
  cut(): Promise<void>;
  /** It answers again, with what it knew. */
  mend(): Promise<void>;
  /** Requests made of it so far, by whatever means the engine counts them. */
  calls?(): Promise<number>;
  /** Makes so many things that are not ours, of the kind that it lists; answers how they are taken away. */
  crowd?(count: number): Promise<() => Promise<void>>;
  /** Takes every place for that flavour; answers how they are given back. */
  fill?(flavour: Flavour): Promise<() => Promise<void>>;
  /** What anybody who may look at the engine can read of a session: its records, its command lines. */
  readableOf?(handle: string): Promise<string>;
  /** What must not be in there: tokens, keys. */
  secretsOf?(spec: LaunchSpec): Promise<readonly string[]>;
  /** What the engine itself ends a session for, and how to have it do so. */
  readonly ends?: readonly {
    readonly what: string;
    readonly code: ErrorCode;
    readonly changes?: SpecChanges;
    bring(handle: string): Promise<void>;
  }[];
  /** What it can never place: refused with this code, at once. */
  readonly impossible?: readonly {
    readonly what: string;
    readonly code: ErrorCode;
    readonly changes: SpecChanges;
  }[];
}

export interface SpecChanges {
  readonly sessionId?: string;
  readonly attempt?: number;
  readonly person?: "one" | "two";
  readonly flavour?: Partial<Flavour>;
  readonly source?: EnvironmentSource;
  readonly endpoints?: readonly EndpointKind[];
  /** Left out: `jupyter`, or with a job `batch`. */
  readonly kind?: "terminal";
  /** A batch session with this job. */
  readonly job?: Job;
}

/** One promise. `inside`: it is looked at from inside a session. `skip` answers why it cannot be shown with this subject; null: it can. */
export interface ContractCase<Connection> {
  readonly name: string;
  readonly inside?: true;
  skip(subject: ComputeSubject<Connection>): string | null;
  run(subject: ComputeSubject<Connection>): Promise<void>;
}

export const always = (): null => null;

/** How long anything may take on the slowest machine. */
export const patience = 60_000;

export function check(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}

export function equal<T>(actual: T, expected: T, what: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  check(a === b, `${what}: expected ${b}, got ${a}`);
}

/** Resolves to what was thrown; fails when nothing was. */
export async function thrownBy(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

export async function eventually<T>(
  subject: Pick<ComputeSubject<never>, "sleep" | "now">,
  what: string,
  look: () => Promise<T | null>,
  within = patience,
): Promise<T> {
  for (const until = subject.now() + within; ; await subject.sleep(50)) {
    const found = await look();
    if (found !== null) return found;
    check(subject.now() < until, `${what}: not within ${within / 1000} s`);
  }
}

/** The first full list. */
export async function listOf<Connection>(provider: ComputeProvider<Connection>): Promise<readonly Seen[]> {
  const { signal, cancel } = cancelSource();
  try {
    for await (const sighting of provider.observe(signal)) {
      check(sighting.type === "all", "the first item of observe is not the full list");
      return sighting.seen;
    }
  } finally {
    cancel();
  }
  throw new Error("observe ended without a full list");
}

/** Waits until the session is seen in that state; "gone" is also when a full list no longer has it. */
export async function seenAs<Connection>(
  subject: ComputeSubject<Connection>,
  provider: ComputeProvider<Connection>,
  handle: string,
  state: Observation["state"],
): Promise<Seen | null> {
  return eventually(subject, `${handle} ${state}`, async () => {
    const found = (await listOf(provider)).find((seen) => seen.handle === handle);
    if (found?.observation.state === state) return [found] as const;
    return found === undefined && state === "gone" ? ([null] as const) : null;
  }).then(([seen]) => seen);
}

/** A session that runs, for one case; it is ended after it however the case ends. */
export async function withSession<Connection>(
  subject: ComputeSubject<Connection>,
  body: (running: {
    readonly provider: ComputeProvider<Connection>;
    readonly spec: LaunchSpec;
    readonly target: Target & { readonly handle: string };
  }) => Promise<void>,
  changes: SpecChanges = {},
): Promise<void> {
  const { provider } = subject;
  const spec = await subject.spec(changes);
  try {
    const { handle } = await provider.launch(spec, never);
    await seenAs(subject, provider, handle, "running");
    await body({ provider, spec, target: { sessionId: spec.sessionId, handle } });
  } finally {
    await provider.terminate({ sessionId: spec.sessionId, handle: null }, never);
  }
}
