import type { Hint } from "@endstation/api";
import type { Query, QueryClient, QueryKey } from "@tanstack/react-query";
import { keys } from "./keys.ts";

const againMs = 3_000;
const gatherMs = 60;

/**
 * Keeps what is on the screen fresh: the portal's event stream says what changed, this makes it old. One window of the
 * browser holds the stream (a browser allows few connections to one address) and passes the hints on to the others.
 * Answers how to end it.
 */
export function followEvents(client: QueryClient): () => void {
  const ended = new AbortController();
  const gather = gatherer(client);
  const others = new BroadcastChannel("endstation-hints");
  others.onmessage = ({ data }: MessageEvent<Hint | null>) => gather(data);
  const pass = (hint: Hint | null) => {
    gather(hint);
    others.postMessage(hint);
  };
  const doubt = () => void client.invalidateQueries({ queryKey: keys.me });
  const hold = () => streamUntil(ended.signal, pass, doubt);
  const lock = navigator.locks?.request("endstation-events", { signal: ended.signal }, hold) ?? hold();
  void lock.catch(() => undefined);
  return () => {
    ended.abort();
    others.close();
  };
}

/** `null` stands for "anything may have changed". */
type Receive = (hint: Hint | null) => void;

/** `doubt` is called when the line breaks: is the portal down, or is nobody logged in any more? */
function streamUntil(signal: AbortSignal, receive: Receive, doubt: () => void): Promise<void> {
  return new Promise((resolve) => {
    let source = open(receive, broken);
    let timer: ReturnType<typeof setTimeout> | undefined;
    function broken(): void {
      doubt();
      if (source.readyState !== EventSource.CLOSED) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        source = open(receive, broken);
      }, againMs);
    }
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      source.close();
      resolve();
    });
  });
}

/** The browser itself comes back after a broken line, with `Last-Event-ID`; after a refusal it gives up, and we begin anew. */
function open(receive: Receive, broken: () => void): EventSource {
  const source = new EventSource("/api/v1/events");
  source.onmessage = ({ data }: MessageEvent<string>) => receive(JSON.parse(data) as Hint);
  source.addEventListener("hello", () => receive(null));
  source.addEventListener("reset", () => receive(null));
  source.onerror = broken;
  return source;
}

/** Hints come in bursts: what they name is fetched once. */
function gatherer(client: QueryClient): Receive {
  let waiting: (Hint | null)[] = [];
  return (hint) => {
    waiting.push(hint);
    if (waiting.length > 1) return;
    setTimeout(() => {
      const named = waiting;
      waiting = [];
      if (named.includes(null)) void client.invalidateQueries({ predicate: wasLoaded });
      else void makeOld(client, keysOf(named.filter((one) => one !== null)));
    }, gatherMs);
  };
}

/** What is being loaded for the first time is fresh anyway. */
function wasLoaded({ state }: Query): boolean {
  return state.data !== undefined || state.error !== null;
}

async function makeOld(client: QueryClient, named: readonly QueryKey[]): Promise<void> {
  await Promise.all(named.map((queryKey) => client.invalidateQueries({ queryKey })));
}

function keysOf(hints: readonly Hint[]): QueryKey[] {
  const found = hints.flatMap(keysOfHint);
  return [...new Map(found.map((key) => [JSON.stringify(key), key])).values()];
}

export function keysOfHint({ resource, id }: Hint): QueryKey[] {
  switch (resource) {
    case "session":
      return [
        ...[keys.session(id), keys.shares(id), keys.links(id), keys.audit(id), keys.present(id)],
        ...[keys.sessionLists, keys.usage, keys.proposals],
      ];
    case "presence":
      return [keys.present(id), keys.audit(id)];
    case "access":
      return [keys.requests, keys.sessions];
    case "proposal":
      return [keys.proposals, keys.datasets];
    case "dataset":
      return [keys.datasets, keys.plans];
    case "notice":
      return [keys.notices];
  }
}
