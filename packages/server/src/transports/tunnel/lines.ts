import type { Socket } from "node:net";

const newline = 10;

/** Writes one line of the protocol. */
export function say(connection: Socket, what: object): void {
  connection.write(`${JSON.stringify(what)}\n`);
}

/**
 * The first line, without its end; what came after it is put back. Null when the connection ends, is silent or says more
 * than `most` bytes before that.
 */
export function readLine(connection: Socket, most: number, withinMs: number): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const nothing = () => resolve(null);
  let line = Buffer.alloc(0);
  // Not "data": a stream that once flowed stays paused in whoever's hands it gets.
  const look = () => {
    const chunk = connection.read() as Buffer | null;
    if (chunk === null) return;
    const end = chunk.indexOf(newline);
    line = Buffer.concat([line, end < 0 ? chunk : chunk.subarray(0, end)]);
    if (line.length > most) return nothing();
    if (end < 0) return;
    if (end + 1 < chunk.length) connection.unshift(chunk.subarray(end + 1));
    resolve(line.toString());
  };
  const timer = setTimeout(nothing, withinMs);
  connection.on("readable", look).once("end", nothing).once("close", nothing);
  return promise.finally(() => {
    clearTimeout(timer);
    connection.off("readable", look).off("end", nothing).off("close", nothing);
  });
}
