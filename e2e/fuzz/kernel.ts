import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { WebSocket } from "ws";
import { ask } from "../../packages/server/src/gateway/testing/browser.ts";
import { headersOf, type Way } from "../../packages/server/src/gateway/testing/shared-document.ts";
import {
  decodeMessage,
  encodeMessage,
  type KernelMessage,
  kernelProtocol,
} from "../../packages/server/src/gateway/viewing/jupyter/kernel-messages.ts";

/** The owner's kernel, by its real protocol. */
export interface Kernel {
  readonly path: string;
  run(code: string): Promise<void>;
  /** Every name that somebody gave a value, with it. */
  variables(): Promise<string>;
  close(): void;
}

const asked = `str(sorted((k, repr(v)) for k, v in globals().items()
  if not k.startswith('_') and k not in ('In', 'Out', 'exit', 'quit', 'open', 'get_ipython')))`;

export async function startKernel(port: number, way: Way, path: string): Promise<Kernel> {
  const body = JSON.stringify({ path, name: path, type: "notebook", kernel: { name: "python3" } });
  const request = { host: way.host, method: "POST", path: "/api/sessions", headers: headersOf(way), body };
  const { kernel } = JSON.parse((await ask(port, request)).body);
  const address = `/api/kernels/${kernel.id}`;
  const { host, origin, cookie } = way;
  const socket = new WebSocket(
    `ws://127.0.0.1:${port}${address}/channels?session_id=owner`,
    [kernelProtocol],
    {
      ...{ perMessageDeflate: false, headers: { host, origin, cookie } },
    },
  );
  await once(socket, "open");
  const execute = (content: object) => replyTo(socket, executeRequest("owner", content));
  return {
    path: address,
    run: async (code) => void (await execute({ code, silent: true })),
    variables: async () => {
      const code = "";
      const answer = await execute({
        code,
        silent: true,
        user_expressions: { all: asked.replaceAll("\n", " ") },
      });
      return JSON.stringify(answer?.content["user_expressions"] ?? "the kernel does not answer");
    },
    close: () => socket.terminate(),
  };
}

export function executeRequest(session: string, content: object): KernelMessage {
  return request(session, "execute_request", {
    ...{ silent: false, store_history: false, user_expressions: {}, allow_stdin: false, stop_on_error: true },
    ...content,
  });
}

export function request(
  session: string,
  msg_type: string,
  content: object,
  channel = "shell",
): KernelMessage {
  const date = new Date().toISOString();
  const header = { msg_id: randomUUID(), session, msg_type, username: "", date, version: "5.3" };
  return { channel, header, parent: {}, content: { ...content } };
}

const answersWithinMs = 30_000;

/** The reply; null where the kernel answers no more: that too is a change. */
async function replyTo(socket: WebSocket, message: KernelMessage): Promise<KernelMessage | null> {
  const { promise, resolve } = Promise.withResolvers<KernelMessage | null>();
  const listen = (data: Buffer) => {
    const answer = decodeMessage(data);
    if (answer?.channel === "shell" && answer.parent["msg_id"] === message.header["msg_id"]) resolve(answer);
  };
  const timer = setTimeout(() => resolve(null), answersWithinMs);
  socket.on("message", listen);
  socket.send(encodeMessage(message), () => {});
  const answer = await promise;
  clearTimeout(timer);
  socket.off("message", listen);
  return answer;
}
