import { Duplex } from "node:stream";
import {
  type CancelSignal,
  type Clock,
  type ComputeProvider,
  type LaunchSpec,
  type PlaceRequest,
  type Rejected,
  type Seen,
  type Session,
  type Target,
  Unavailable,
} from "@endstation/core";
import { createFakeBackend, createFakeComputeProvider } from "@endstation/core/testing";

/** Core's fake provider, with a word for each thing that a test of the runner has it do, and a record of what was asked. */
export class ToyProvider implements ComputeProvider<Duplex> {
  readonly #backend = createFakeBackend();
  readonly #fake: ComputeProvider<Duplex>;
  readonly capabilities: ComputeProvider<Duplex>["capabilities"];
  /** Every launch and end that was asked for, in order. */
  readonly asked: string[] = [];
  /** What launches are answered with instead of a handle. */
  refusal: Rejected | Error | null = null;
  /** Whether what is launched answers when it is dialled. */
  answers = true;
  /** Whether an end is carried out; it is always taken. */
  ends = true;

  constructor(clock: Clock) {
    this.#fake = createFakeComputeProvider({
      backend: this.#backend,
      now: () => clock.now(),
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      connect: () => answering(),
    });
    this.capabilities = this.#fake.capabilities;
  }

  /** The sessions that have not ended. */
  get running(): readonly string[] {
    return [...this.#backend.sessions.values()]
      .filter(({ observation }) => observation.state !== "gone")
      .map(({ spec }) => spec.sessionId);
  }

  offers(request: PlaceRequest, signal: CancelSignal) {
    return this.#fake.offers(request, signal);
  }

  async launch(spec: LaunchSpec, signal: CancelSignal) {
    this.asked.push(`launch ${spec.sessionId} ${spec.attempt}`);
    if (this.refusal !== null) throw this.refusal;
    return this.#fake.launch(spec, signal);
  }

  async terminate(target: Target, signal: CancelSignal) {
    this.asked.push(`terminate ${target.sessionId}`);
    if (this.ends) await this.#fake.terminate(target, signal);
  }

  async dial(...asked: Parameters<ComputeProvider<Duplex>["dial"]>): Promise<Duplex> {
    if (!this.answers) throw new Unavailable("it does not answer yet");
    return this.#fake.dial(...asked);
  }

  observe(signal: CancelSignal) {
    return this.#fake.observe(signal);
  }

  /** It is gone, and whoever watches is told. */
  end(
    sessionId: string,
    observation: Seen["observation"] = { state: "gone", exitCode: 0, cause: null },
  ): void {
    this.#backend.set(this.#handleOf(sessionId), observation);
  }

  /** It is not there any more: full lists do not have it. */
  lose(sessionId: string): void {
    this.#backend.forget(this.#handleOf(sessionId));
  }

  /** Runs something that the portal did not ask for, or whose launch was never answered. */
  async stray(spec: LaunchSpec): Promise<void> {
    await this.#fake.launch(spec, new AbortController().signal);
  }

  /** Tells who watches everything anew. */
  list(): void {
    this.#backend.forget("nobody");
  }

  /** Nothing can be asked of it from now on, until it is up again. */
  down(): void {
    this.#backend.faults.unavailable = true;
    this.list();
  }

  up(): void {
    this.#backend.faults.unavailable = false;
  }

  #handleOf(sessionId: string): string {
    const found = [...this.#backend.sessions].findLast(([, { spec }]) => spec.sessionId === sessionId);
    return found?.[0] ?? "nobody";
  }
}

/** A connection whose other end answers every request with 200. */
export function answering(status = 200): Duplex {
  const connection: Duplex = new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      connection.push(`HTTP/1.1 ${status} Whatever\r\ncontent-length: 2\r\n\r\n{}`);
      done();
    },
  });
  return connection;
}

/** Just enough of a launch specification for providers that start nothing. */
export function toySpec({ id: sessionId, attempt, kind, endpoints }: Session): LaunchSpec {
  return {
    ...{ sessionId, attempt, kind, endpoints },
    posix: { uid: 0, gid: 0, groups: [] },
    source: { path: "/nowhere" },
    flavour: { name: "small", title: "Small", cpus: 1, memoryMiB: 1024, processes: 64, gpus: 0 },
    mounts: [],
    document: {
      session: { id: sessionId, name: "toy", kind, attempt },
      owner: { account: "pi", name: "Pi" },
      proposal: null,
      environment: "nexus",
      datasets: [],
      notebook: null,
      parameters: {},
      job: null,
    },
  };
}
