import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdir, readdir, rename, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";

interface Listening {
  readonly server: Server;
  readonly path: string;
}

/**
 * Binds a socket of our own in a folder that sessions see read-only, open to every account: what protects it is the key
 * that a launcher shows. Sockets of portals that are no more are removed; those of others are let be.
 */
export async function listenInFolder(folder: string, enter: (socket: Socket) => void): Promise<Listening> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755);
  await removeStale(folder);
  const name = `${process.pid}-${randomBytes(4).toString("hex")}`;
  const server = createServer({ allowHalfOpen: true }, enter);
  // Only what listens already gets the name that launchers and other portals look for.
  const hidden = join(folder, `.${name}`);
  server.listen({ path: hidden, readableAll: true, writableAll: true });
  await once(server, "listening");
  const path = join(folder, `${name}.sock`);
  await rename(hidden, path);
  return { server, path };
}

async function removeStale(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sock"));
  await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      if (!(await answers(path))) await rm(path, { force: true });
    }),
  );
}

function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ path });
  socket.once("connect", () => resolve(true));
  // Only a socket that nobody listens on is stale; one that is too busy to take us is not.
  socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "ECONNREFUSED"));
  return promise.finally(() => socket.destroy());
}
