import type { z } from "zod";
import { type Problem, problem } from "./common.ts";
import { type RouteName, routes } from "./routes.ts";

type RouteOf<Name extends RouteName> = (typeof routes)[Name];
type Empty = Record<string, never>;
type Input<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined;
/** What a part of the input adds; one that takes nothing (an empty object) adds nothing. */
type Part<Fields> = string extends keyof Fields ? unknown : Fields;
type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** What a call takes: its path parameters and query in one object, its body under `body`. */
export type CallInput<Name extends RouteName> = Part<Input<RouteOf<Name>["params"]>> &
  Part<Partial<Input<RouteOf<Name>["query"]>>> &
  (RouteOf<Name>["body"] extends z.ZodType ? { body: Input<RouteOf<Name>["body"]> } : unknown);

export type CallAnswer<Name extends RouteName> = Output<RouteOf<Name>["answer"]>;

/** What the portal answers when it says no. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: Problem;
  constructor(from: Problem) {
    super(from.detail);
    this.problem = from;
  }
}

export interface ClientOptions {
  /** The portal's address, such as `https://analysis.example.org`; empty in the browser. */
  readonly url: string;
  /** An access token; absent in the browser, where the cookie serves. */
  readonly token?: string;
  readonly fetch?: typeof fetch;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Makes a repeated creation give what the first one made. */
  readonly idempotencyKey?: string;
}

export type Client = <Name extends RouteName>(
  name: Name,
  input?: CallInput<Name> | Empty,
  options?: CallOptions,
) => Promise<CallAnswer<Name>>;

/**
 * A typed client: `await call("getSession", { id })`.
 * Rejects with {@link ProblemError} when the portal answers with a problem, with the platform's error when it cannot be reached.
 */
export function createClient({ url, token, fetch: send = fetch }: ClientOptions): Client {
  return async (name, input = {}, options = {}) => {
    const route = routes[name];
    const { body, ...rest } = input as Record<string, unknown>;
    const headers = new Headers({ accept: "application/json" });
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    if (options.idempotencyKey !== undefined) headers.set("idempotency-key", options.idempotencyKey);
    if (route.body !== null) headers.set("content-type", "application/json");
    const response = await send(`${url}/api/v1${addressOf(route.path, rest)}`, {
      method: route.method,
      headers,
      ...(route.body === null ? {} : { body: JSON.stringify(body ?? {}) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    if (!response.ok) throw new ProblemError(await problemOf(response));
    return (route.answer === null ? undefined : await response.json()) as CallAnswer<typeof name>;
  };
}

function addressOf(path: string, input: Record<string, unknown>): string {
  const query = new URLSearchParams();
  let filled = path;
  for (const [key, value] of Object.entries(input)) {
    if (value === undefined) continue;
    if (path.includes(`{${key}}`)) filled = filled.replace(`{${key}}`, encodeURIComponent(String(value)));
    else query.set(key, String(value));
  }
  return query.size === 0 ? filled : `${filled}?${query}`;
}

async function problemOf(response: Response): Promise<Problem> {
  const parsed = problem.safeParse(await response.json().catch(() => null));
  if (parsed.success) return parsed.data;
  const detail = `the portal answered ${response.status} without an explanation`;
  return {
    type: "about:blank",
    title: "Unexpected answer",
    status: response.status,
    code: "internal",
    detail,
    next: "Try again in a moment.",
  };
}
