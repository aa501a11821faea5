import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Hint, type Opened, type RouteName, routes } from "@endstation/api";
import { type FakeHandler, handlers, Refusal, routeNames } from "./calls.ts";
import { EventHub } from "./event-hub.ts";
import { SessionOrigin } from "./session-origin.ts";
import { contentSecurityPolicy, sendStatic } from "./static.ts";
import { newWorld, type World } from "./world.ts";

/** What a call was asked with. */
export interface Seen {
  readonly name: RouteName;
  readonly params: Record<string, string>;
  readonly query: Record<string, unknown>;
  readonly body: unknown;
  readonly idempotencyKey: string | null;
}

/** A portal of a few lines: answers from a {@link World}, and holds both its askers and itself to the zod schemas. */
export class FakePortal {
  readonly world: World = newWorld();
  readonly seen: Seen[] = [];
  /** Requests and answers that the schemas do not allow. */
  readonly faults: string[] = [];
  readonly posts: { path: string; origin: string | undefined }[] = [];
  readonly #special = new Map<RouteName, FakeHandler>();
  readonly #events = new EventHub();
  readonly #session: SessionOrigin;
  readonly #server: Server;
  readonly #folder: string;

  constructor(folder: string, session: SessionOrigin, server: Server) {
    this.#folder = folder;
    this.#session = session;
    this.#server = server;
    server.on("request", (request, response) => void this.#answer(request, response));
  }

  static async start(folder: string): Promise<FakePortal> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new FakePortal(folder, await SessionOrigin.start(), server);
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  get session(): SessionOrigin {
    return this.#session;
  }

  /** Answers one call otherwise from now on: with a thrown {@link Refusal}, or with a promise that takes its time. */
  answer(name: RouteName, handler: FakeHandler): void {
    this.#special.set(name, handler);
  }

  asBefore(name: RouteName): void {
    this.#special.delete(name);
  }

  hint(hint: Hint): void {
    this.#events.send(hint);
  }

  /** How many windows hold the event stream. */
  get streams(): number {
    return this.#events.size;
  }

  calls(name: RouteName): Seen[] {
    return this.seen.filter((one) => one.name === name);
  }

  /** Breaks all lines and takes no more, as when the process was killed; answers how to come back on the same port. */
  async vanish(): Promise<() => Promise<void>> {
    const { port } = this.#server.address() as AddressInfo;
    await closed(this.#server);
    return () => new Promise((resolve) => this.#server.listen(port, "127.0.0.1", () => resolve()));
  }

  async close(): Promise<void> {
    this.#events.close();
    await Promise.all([closed(this.#server), this.#session.close()]);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", this.url);
    response.setHeaders(
      new Headers({ "content-security-policy": contentSecurityPolicy, "x-frame-options": "DENY" }),
    );
    response.setHeaders(
      new Headers({ "referrer-policy": "no-referrer", "cross-origin-opener-policy": "same-origin" }),
    );
    if (pathname === "/api/v1/events") return this.#stream(request, response);
    if (pathname.startsWith("/api/v1/"))
      return this.#call(request, response, pathname.slice(7), searchParams);
    if (pathname.startsWith("/auth/") || pathname === "/readyz")
      return this.#other(request, response, pathname);
    return sendStatic(this.#folder, pathname, response);
  }

  #stream(request: IncomingMessage, response: ServerResponse): void {
    if (this.world.me === null) response.writeHead(401).end();
    else this.#events.open(request, response);
  }

  #other(request: IncomingMessage, response: ServerResponse, pathname: string): void {
    if (request.method === "POST") {
      this.posts.push({ path: pathname, origin: request.headers.origin });
      this.world.me = null;
      response.writeHead(303, { location: "/" }).end();
    } else if (pathname === "/readyz") {
      const parts = [
        { name: "database", required: true, up: true, detail: "PostgreSQL 18.4" },
        { name: "local", required: false, up: false, detail: "bubblewrap does not answer" },
      ];
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ ready: true, parts }));
    } else {
      response
        .writeHead(200, { "content-type": "text/html" })
        .end("<!doctype html><title>Log-in</title>Log-in");
    }
  }

  async #call(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    query: URLSearchParams,
  ): Promise<void> {
    const found = matching(request.method ?? "GET", path);
    if (found === null) return send(response, 404, { code: "not-found" });
    const route = routes[found.name];
    try {
      const call = {
        params: this.#held(found.name, "params", route.params, found.params) as Record<string, string>,
        query: this.#held(found.name, "query", route.query, Object.fromEntries(query)) as Record<
          string,
          unknown
        >,
        body: route.body === null ? null : this.#held(found.name, "body", route.body, await bodyOf(request)),
        idempotencyKey: request.headers["idempotency-key"]?.toString() ?? null,
      };
      this.seen.push({ name: found.name, ...call });
      const answer = await this.#outcome(found.name, call);
      const wire = route.answer === null ? null : this.#held(found.name, "answer", route.answer, answer);
      send(response, route.status, wire);
    } catch (error) {
      if (error instanceof Refusal) send(response, error.problem.status, error.problem);
      else {
        this.faults.push(`${found.name}: ${String(error)}`);
        response.writeHead(500).end();
      }
    }
  }

  #outcome(name: RouteName, call: Parameters<FakeHandler>[1]): unknown {
    if (this.world.me === null) handlers.me(this.world, call);
    const special = this.#special.get(name);
    if (special !== undefined) return special(this.world, call);
    if (name === "openSession") return this.#session.ticket() satisfies Opened;
    return handlers[name](this.world, call);
  }

  #held(name: string, part: string, schema: { safeParse(value: unknown): Parsed }, value: unknown): unknown {
    const parsed = schema.safeParse(value);
    if (!parsed.success) this.faults.push(`${name} ${part}: ${String(parsed.error)}`);
    return parsed.success ? parsed.data : value;
  }
}

type Parsed = { success: true; data: unknown } | { success: false; error: unknown };

function matching(method: string, path: string): { name: RouteName; params: Record<string, string> } | null {
  for (const name of routeNames) {
    const route = routes[name];
    const pattern = new RegExp(`^${route.path.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`);
    const match = route.method === method ? pattern.exec(path) : null;
    if (match === null) continue;
    const pairs = Object.entries(match.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]);
    return { name, params: Object.fromEntries(pairs) };
  }
  return null;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const type = status >= 400 ? "application/problem+json" : "application/json";
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
  response.end(status === 204 ? undefined : JSON.stringify(body));
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
