import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Problem, type RouteName, routes } from "@endstation/api";
import type { z } from "zod";

/** What came in, parsed as the real portal would. */
export interface Asked {
  readonly name: RouteName;
  readonly input: Readonly<Record<string, unknown>>;
  readonly token: string | null;
  readonly idempotencyKey: string | null;
}

/** Answers a call; a `Refused` becomes a problem, `hang-up` a broken connection. */
export type Answer = (asked: Asked) => unknown;

export class Refused {
  readonly problem: Problem;
  constructor(status: number, code: string, detail: string, errors?: Problem["errors"]) {
    const title = code.replaceAll("-", " ");
    const rest = errors === undefined ? {} : { errors };
    this.problem = { type: "about:blank", title, status, code, detail, next: "Do something else.", ...rest };
  }
}

export const hangUp = Symbol("hang up");

export interface FakePortal {
  readonly url: string;
  readonly asked: Asked[];
  answers: Partial<Record<RouteName, Answer>>;
}

/** A portal of the contract alone: what it is sent and what it answers must both fit the schemas. */
export async function withFakePortal(
  answers: FakePortal["answers"],
  test: (portal: FakePortal) => Promise<void>,
): Promise<void> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const portal: FakePortal = { url, asked: [], answers };
  server.on("request", (request, response) => void serve(portal, request, response));
  try {
    await test(portal);
  } finally {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

async function serve(portal: FakePortal, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const asked = await read(request);
    portal.asked.push(asked);
    const answer = await (portal.answers[asked.name] ?? notThere)(asked);
    if (answer === hangUp) return void request.socket.destroy();
    if (answer instanceof Refused) return send(response, answer.problem.status, answer.problem);
    const route = routes[asked.name];
    send(response, route.status, route.answer === null ? undefined : route.answer.parse(answer));
  } catch (error) {
    send(response, 500, new Refused(500, "internal", String(error)).problem);
  }
}

const notThere: Answer = () => new Refused(404, "not-found", "there is nothing here");

async function read(request: IncomingMessage): Promise<Asked> {
  const url = new URL(request.url ?? "/", "http://portal.invalid");
  const found = Object.entries(routes).flatMap(([name, route]) => {
    const pattern = new RegExp(`^/api/v1${route.path.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`);
    const match = route.method === request.method ? pattern.exec(url.pathname) : null;
    return match === null ? [] : [{ name: name as RouteName, route, params: { ...match.groups } }];
  });
  const [first] = found;
  if (first === undefined) throw new Error(`there is no call ${request.method} ${url.pathname}`);
  let body = "";
  for await (const chunk of request) body += chunk;
  const { name, route, params } = first;
  const parsed = {
    ...(route.params as z.ZodObject).parse(params),
    ...(route.query as z.ZodObject).parse(Object.fromEntries(url.searchParams)),
    ...(route.body === null ? {} : { body: (route.body as z.ZodType).parse(JSON.parse(body || "{}")) }),
  };
  const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? "")?.[1] ?? null;
  const key = request.headers["idempotency-key"];
  return { name, input: parsed, token, idempotencyKey: typeof key === "string" ? key : null };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const type = status >= 400 ? "application/problem+json" : "application/json";
  response.writeHead(status, { "content-type": type });
  response.end(body === undefined ? "" : JSON.stringify(body));
}
