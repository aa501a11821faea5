import type { Duplex } from "node:stream";
import { WebSocket } from "ws";

const host = "session.localhost";
const within = 30_000;

/**
 * Types a line into a terminal's shell over one connection, as the gateway would carry it, and answers all that its screen
 * has once that includes `wanted`; rejects when it does not come.
 */
export function typeInto(connection: Duplex, line: string, wanted: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = new WebSocket(`ws://${host}/shell/type`, {
    createConnection: () => connection as never,
    origin: `http://${host}`,
  });
  const screen: Buffer[] = [];
  let before = Number.POSITIVE_INFINITY;
  const seen = () => Buffer.concat(screen).toString("utf8");
  const late = setTimeout(() => reject(new Error(`“${wanted}” did not come; there is: ${seen()}`)), within);
  socket.on("message", (data: Buffer, isBinary) => {
    if (isBinary) screen.push(data);
    else if (JSON.parse(String(data)).type === "live" && before === Number.POSITIVE_INFINITY) {
      before = seen().length;
      socket.send(JSON.stringify({ type: "input", text: `${line}\n` }));
    }
    if (seen().slice(before).includes(wanted)) resolve(seen());
  });
  socket.on("error", reject);
  socket.on("close", () => reject(new Error(`the terminal has gone; there was: ${seen()}`)));
  return promise.finally(() => {
    clearTimeout(late);
    socket.terminate();
  });
}
