import { createServer, type Server, type Socket } from "node:net";
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
  const take = (socket: Socket) => void app.server.emit("connection", socket);
  for (const host of others) {
    const door = createServer(take);
    if (await opens(door, host, port)) doors.push(door);
  }
}

/** Gives every connection to one of these addresses away, not read from; the first must be there. */
export async function acceptOn(
  addresses: readonly string[],
  port: number,
  take: (connection: Socket) => void,
): Promise<readonly Server[]> {
  const doors: Server[] = [];
  for (const host of addresses) {
    const door = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, take);
    if (await opens(door, host, port)) doors.push(door);
    else if (doors.length === 0) throw new Error(`this machine has no address ${host}`);
  }
  return doors;
}

function opens(door: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    door.once("error", (error: NodeJS.ErrnoException) =>
      absent.has(error.code) ? resolve(false) : reject(error),
    );
    // `::` stands for every address of both kinds; any other of IPv6 leaves its IPv4 fellow to the next door.
    door.listen({ host, port, ipv6Only: host.includes(":") && host !== "::" }, () => resolve(true));
  });
}
