import { Duplex } from "node:stream";
import {
  type Capabilities,
  type Clock,
  type ComputeProvider,
  type LaunchSpec,
  type Rejected,
  type Seen,
  type Session,
  type Sighting,
  Unavailable,
} from "@endstation/core";

interface Running {
  readonly attempt: number;
  readonly handle: string;
  observation: Seen["observation"];
}

const capabilities: Capabilities = {
  kinds: ["jupyter", "desktop", "terminal", "batch"],
  endpoints: ["jupyter", "desktop", "terminal"],
  logs: false,
  isolation: "none",
  limits: "none",
  network: "none",
  source: "path",
};

/** A provider in memory that does what a test tells it to. */
export class ToyProvider implements ComputeProvider<Duplex> {
  readonly capabilities = capabilities;
  readonly running = new Map<string, Running>();
  /** Every launch and end that was asked for, in order. */
  readonly asked: string[] = [];
  /** Nothing can be asked of it. */
  isDown = false;
  /** What launches are answered with instead of a handle. */
  refusal: Rejected | Error | null = null;
  /** Whether what is launched answers at once. */
  answers = true;
  /** Whether an end is carried out; it is always taken. */
  ends = true;
  readonly #clock: Clock;
  #watchers = new Set<(sighting: Sighting | null) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async offers() {
    return { fits: true, waitSeconds: 0, free: null } as const;
  }

  async launch({ sessionId, attempt }: Pick<LaunchSpec, "sessionId" | "attempt">) {
    this.asked.push(`launch ${sessionId} ${attempt}`);
    this.#demandUp();
    if (this.refusal !== null) throw this.refusal;
    const known = this.running.get(sessionId);
    if (known?.attempt === attempt) return { handle: known.handle };
    const handle = `toy-${sessionId}-${attempt}`;
    this.running.set(sessionId, { attempt, handle, observation: { state: "running" } });
    this.#tell(sessionId);
    return { handle };
  }

  async terminate({ sessionId }: { readonly sessionId: string }) {
    this.asked.push(`terminate ${sessionId}`);
    this.#demandUp();
    if (this.ends) this.end(sessionId);
  }

  async dial({ sessionId }: { readonly sessionId: string }): Promise<Duplex> {
    this.#demandUp();
    if (!this.running.has(sessionId) || !this.answers) throw new Unavailable("it does not answer yet");
    return answering();
  }

  async *observe(signal: AbortSignal): AsyncGenerator<Sighting> {
    this.#demandUp();
    const waiting: (Sighting | null)[] = [this.#all()];
    let wake = () => {};
    const watcher = (sighting: Sighting | null) => {
      waiting.push(sighting);
      wake();
    };
    this.#watchers.add(watcher);
    signal.addEventListener("abort", () => watcher(null), { once: true });
    try {
      for (;;) {
        for (const sighting of waiting.splice(0)) {
          if (signal.aborted) return;
          this.#demandUp();
          if (sighting !== null) yield sighting;
        }
        if (waiting.length > 0) continue;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      this.#watchers.delete(watcher);
    }
  }

  /** It is gone, and whoever watches is told. */
  end(
    sessionId: string,
    observation: Seen["observation"] = { state: "gone", exitCode: 0, cause: null },
  ): void {
    const known = this.running.get(sessionId);
    if (known === undefined) return;
    known.observation = observation;
    this.#tell(sessionId);
    if (observation.state === "gone") this.running.delete(sessionId);
  }

  /** It is gone without a word: only the next full list shows it. */
  lose(sessionId: string): void {
    this.running.delete(sessionId);
  }

  /** Something that the portal never asked for. */
  stray(sessionId: string): void {
    this.running.set(sessionId, { attempt: 1, handle: "stray", observation: { state: "running" } });
  }

  list(): void {
    this.#send(this.#all());
  }

  down(): void {
    this.isDown = true;
    this.#send(null);
  }

  up(): void {
    this.isDown = false;
  }

  #all(): Sighting {
    const seen = [...this.running].map(([sessionId, one]) => ({ sessionId, ...one }));
    return { type: "all", asOf: this.#clock.now(), seen };
  }

  #tell(sessionId: string): void {
    const known = this.running.get(sessionId);
    if (known !== undefined)
      this.#send({ type: "change", asOf: this.#clock.now(), seen: { sessionId, ...known } });
  }

  #send(sighting: Sighting | null): void {
    for (const watcher of [...this.#watchers]) watcher(sighting);
  }

  #demandUp(): void {
    if (this.isDown) throw new Unavailable("the toy is down");
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
    },
  };
}
