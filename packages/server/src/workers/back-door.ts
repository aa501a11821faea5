import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import type { Server as HttpServer } from "node:http";
import { connect, createServer, isIP, type Socket } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { Unavailable } from "@endstation/core";
import { join as joinEnds } from "../gateway/passage.ts";
import { readLine } from "../transports/tunnel/lines.ts";
import type { Knock } from "./messages.ts";

/** A connection through the back door, its first line said and answered. @throws when nobody answers there */
export async function throughBackDoor(path: string, knock: Knock): Promise<Socket> {
  const socket = connect({ path, allowHalfOpen: true });
  socket.on("error", () => socket.destroy());
  socket.write(`${JSON.stringify(knock)}\n`);
  if ((await readLine(socket, answer.length, knockWithinMs)) !== null) return socket;
  socket.destroy();
  throw new Unavailable("the portal does not answer behind its back door");
}

/** Where workers come in: a socket in a folder that nobody but the portal's own account can enter. */
export interface BackDoor {
  readonly path: string;
  /** Keeps a connection for whoever brings the token, soon. */
  keep(connection: Duplex): string;
  close(): Promise<void>;
}

const answer = "\n";
const knockBytes = 1_024;
const knockWithinMs = 10_000;

/**
 * Requests that come through it are the portal's own HTTP server's, as from the address that the worker names: that is
 * believed here, where nobody else can come, and nowhere else.
 */
export async function openBackDoor(folder: string, portal: HttpServer): Promise<BackDoor> {
  const path = join(folder, "portal.sock");
  rmSync(path, { force: true });
  const kept = createKept();
  const open = new Set<Socket>();
  const take = async (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => open.delete(socket));
    const knock = read(await readLine(socket, knockBytes, knockWithinMs));
    if (isIP(knock.from ?? "") !== 0) admit(portal, socket, knock.from ?? "");
    else if (knock.splice !== undefined) splice(socket, kept.take(knock.splice));
    else socket.destroy();
    // Only now the worker speaks: what came before HTTP listens would overtake or be overtaken.
    socket.write(answer);
  };
  const server = createServer({ allowHalfOpen: true }, (socket) => void take(socket));
  server.listen(path);
  await once(server, "listening");
  return {
    path,
    keep: kept.keep,
    close: async () => {
      kept.close();
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

function read(line: string | null): { readonly from?: string; readonly splice?: string } {
  try {
    return JSON.parse(line ?? "{}");
  } catch {
    return {};
  }
}

/** To everything behind it this is a connection from that address. */
function admit(portal: HttpServer, socket: Socket, from: string): void {
  Object.defineProperty(socket, "remoteAddress", { value: from });
  portal.emit("connection", socket);
}

function splice(socket: Socket, connection: Duplex | null): void {
  if (connection === null) socket.destroy();
  else joinEnds(socket, connection, () => {});
}

function createKept() {
  const kept = new Map<string, Duplex>();
  const take = (token: string) => {
    const found = kept.get(token) ?? null;
    kept.delete(token);
    return found;
  };
  const drop = (token: string) => take(token)?.destroy();
  const keep = (connection: Duplex) => {
    const token = randomBytes(16).toString("hex");
    kept.set(token, connection);
    connection.on("error", () => drop(token));
    setTimeout(drop, knockWithinMs, token).unref();
    return token;
  };
  return { keep, take, close: () => [...kept.keys()].forEach(drop) };
}
