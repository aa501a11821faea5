import { request } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";

/** Opens one more connection to a session's Jupyter. */
export type Dial = () => Promise<Duplex>;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const host = "session.localhost";
const xsrf = "0123456789abcdef0123456789abcdef";

/** One request over one connection, as the gateway would send it. */
export function ask(
  connection: Duplex,
  path: string,
  { method = "GET", body, headers = {} }: { method?: string; body?: unknown; headers?: object } = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request({
    createConnection: () => connection,
    method,
    path,
    headers: { Host: host, Cookie: `_xsrf=${xsrf}`, "X-XSRFToken": xsrf, Connection: "close", ...headers },
  });
  sent.on("response", async (response) => {
    try {
      const chunks = await response.setEncoding("utf8").toArray();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: chunks.join("") });
    } catch (error) {
      reject(error);
    }
  });
  sent.on("error", reject);
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}

interface Message {
  readonly header: { readonly msg_type: string };
  readonly parent_header: { readonly msg_id?: string };
  readonly content: Readonly<Record<string, unknown>>;
}

/** As whom a session is spoken to: the gateway itself, or a browser that it let in. */
export interface Caller {
  readonly host: string;
  /** The cookie it is inside by. */
  readonly cookie: string;
}

/** Runs Python in a new kernel and answers what it printed; rejects when the kernel dies or the code raises. */
export async function runPython(
  dial: Dial,
  code: string,
  caller: Caller = { host, cookie: "" },
): Promise<string> {
  const origin = `http://${caller.host}`;
  const headers = { Host: caller.host, Cookie: `_xsrf=${xsrf}; ${caller.cookie}`, Origin: origin };
  const made = await ask(await dial(), "/api/kernels", {
    method: "POST",
    body: { name: "python3" },
    headers,
  });
  const kernel = JSON.parse(made.body) as { id: string };
  const connection = await dial();
  const socket = new WebSocket(`ws://${caller.host}/api/kernels/${kernel.id}/channels?session_id=test`, {
    createConnection: () => connection as never,
    origin,
    headers: { Cookie: headers.Cookie },
  });
  try {
    return await execute(socket, code);
  } finally {
    socket.terminate();
    await dial()
      .then((again) => ask(again, `/api/kernels/${kernel.id}`, { method: "DELETE", headers }))
      .catch(() => {});
  }
}

function execute(socket: WebSocket, code: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let printed = "";
  const header = {
    msg_id: "run",
    username: "",
    session: "test",
    msg_type: "execute_request",
    version: "5.3",
  };
  const content = { code, silent: false, store_history: false, user_expressions: {}, allow_stdin: false };
  socket.on("open", () =>
    socket.send(JSON.stringify({ header, parent_header: {}, metadata: {}, content, channel: "shell" })),
  );
  socket.on("message", (data) => {
    const message = JSON.parse(String(data)) as Message;
    const type = message.header.msg_type;
    const state = message.content["execution_state"];
    if (type === "status" && (state === "restarting" || state === "dead"))
      reject(new Error("the kernel died"));
    if (message.parent_header.msg_id !== "run") return;
    if (type === "stream") printed += String(message.content["text"]);
    if (type === "error")
      reject(new Error(`${message.content["ename"]}: ${message.content["evalue"]}\n${printed}`));
    if (type === "status" && state === "idle") resolve(printed);
  });
  socket.on("error", reject);
  socket.on("close", () => reject(new Error("the connection to the kernel broke")));
  return promise;
}
