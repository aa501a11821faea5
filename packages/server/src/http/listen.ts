import type { Server as HttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import type { FastifyInstance } from "fastify";

/** Errors of an address that this machine does not have, such as `::1` where there is no IPv6. */
const absent: ReadonlySet<string | undefined> = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT"]);

/** Listens on every address that this machine has; the first must be there. */
export async function listenOn(
  app: FastifyInstance,
  addresses: readonly string[],
  port: number,
): Promise<void> {
  const [first = "127.0.0.1", ...others] = addresses;
  const doors: Server[] = [];
  app.addHook("onClose", async () => {
    for (const door of doors) door.close();
  });
  await app.listen({ host: first, port });
  doors.push(...(await openDoors(app.server, others, port)));
}

/** Further ways in to a server, on those addresses that this machine has. */
export async function openDoors(
  server: HttpServer,
  addresses: readonly string[],
  port: number,
): Promise<Server[]> {
  const doors: Server[] = [];
  for (const host of addresses) {
    const door = createServer((socket) => server.emit("connection", socket));
    if (await opens(door, host, port)) doors.push(door);
  }
  return doors;
}

function opens(door: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    door.once("error", (error: NodeJS.ErrnoException) =>
      absent.has(error.code) ? resolve(false) : reject(error),
    );
    door.listen({ host, port, ipv6Only: host.includes(":") }, () => resolve(true));
  });
}
