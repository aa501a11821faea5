import { type IncomingHttpHeaders, request } from "node:http";
import type { Person } from "./person.ts";

/** What a session's origin answered. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A person inside a session, without a browser. */
export interface Inside {
  readonly origin: string;
  /** The cookie she is inside by. */
  readonly cookie: string;
  ask(
    path: string,
    options?: { method?: string; headers?: Record<string, string>; body?: string },
  ): Promise<Answer>;
}

/** Opens a session and posts the ticket, as the portal's page does. */
export async function enter(portal: string, person: Person, sessionId: string): Promise<Inside> {
  const { url, ticket } = await person.call("openSession", { id: sessionId, body: { endpoint: "jupyter" } });
  const { origin, pathname } = new URL(url);
  const headers = { origin: portal, "content-type": "application/x-www-form-urlencoded" };
  const body = new URLSearchParams({ ticket }).toString();
  const entered = await askOrigin(origin, pathname, { method: "POST", headers, body });
  const [cookie = ""] = (entered.headers["set-cookie"]?.[0] ?? "").split(";");
  if (entered.status !== 303 || cookie === "")
    throw new Error(`not let in: ${entered.status} ${entered.body.slice(0, 300)}`);
  return {
    origin,
    cookie,
    ask: (path, options = {}) =>
      askOrigin(origin, path, { ...options, headers: { cookie, ...options.headers } }),
  };
}

/** A request to an origin on this machine, whatever its name resolves to. */
export function askOrigin(
  origin: string,
  path: string,
  {
    method = "GET",
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const { host, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: "127.0.0.1", port, method, path, headers: { host, ...headers } },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        answer.once("end", () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }),
        );
        answer.once("error", reject);
      },
    );
    asked.once("error", reject);
    asked.end(body);
  });
}
