import type { Duplex } from "node:stream";
import type { Dispatcher } from "undici";
import type { Denial } from "./authorize.ts";

/** An admitted request's or upgrade's way through: what both directions need to know. */
export interface Passage {
  readonly ownOrigin: string;
  readonly upstream: Dispatcher;
  /** Notes it as open until the answer is called; `cut` ends it at once. */
  opened(cut: () => void): () => void;
  /** Called with the size of what a person or a kernel said. */
  active(bytes: number): void;
  /** Told what went wrong on the way to the session. */
  failed(error: Error): void;
}

/** Nobody answers inside, though the session runs. */
export const unreachable: Omit<Denial, "session"> = {
  allowed: false,
  code: "session-unreachable",
  detail: "it does not answer at the moment",
};

const mostInformational = 16;

/** Counts answers below 200, which a session's server could send without end in place of one that counts. */
export function informationalLimit(): (controller: Dispatcher.DispatchController) => void {
  let taken = 0;
  return (controller) => {
    taken += 1;
    if (taken > mostInformational) controller.abort(new Error("it sends informational answers without end"));
  };
}

/** Header lines as undici hands them on. */
export function linesOf(raw: Dispatcher.DispatchController["rawHeaders"]): string[] {
  return Array.isArray(raw) ? raw.map((one) => (typeof one === "string" ? one : one.toString("latin1"))) : [];
}

/** Both ends of an upgraded connection as one: each byte one way is taken only as fast as the other end takes it. */
export function join(outside: Duplex, inside: Duplex, onClosed: () => void): void {
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    outside.destroy();
    inside.destroy();
    onClosed();
  };
  for (const end of [outside, inside]) {
    end.on("error", close);
    end.on("close", close);
    end.on("end", () => setTimeout(close, lingerMs).unref());
  }
  outside.pipe(inside);
  inside.pipe(outside);
}

/** How long the other half of a connection may go on after one half has ended. */
const lingerMs = 2_000;
