import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type ComputeProvider, Unavailable } from "@endstation/core";
import type { BackDoor } from "./back-door.ts";
import type { Dialled, Wanted } from "./messages.ts";

/** Whoever can be asked for a connection into a session. */
export type Dialler = Pick<ComputeProvider<Duplex>, "dial">;

/** Sends a message to a worker, with the socket that is handed over; tells whether it went. */
export type Answer = (dialled: Dialled, socket: Socket | null, sent: (error: Error | null) => void) => void;

const dialWithinMs = 10_000;

/**
 * Dials for workers. A plain socket is handed over: from then on its bytes do not pass the main process. What cannot be
 * (TLS, what an engine streams, what was read or written ahead) is spliced behind the back door.
 */
export function createDialDesk(providers: ReadonlyMap<string, Dialler>, backDoor: Pick<BackDoor, "keep">) {
  return async (id: number, wanted: Wanted, answer: Answer): Promise<void> => {
    const connection = await dial(providers, wanted).catch((error: unknown) => String(error));
    if (typeof connection === "string")
      answer({ say: "dialled", id, way: "none", why: connection }, null, () => {});
    else if (isPlain(connection)) hand(connection, id, answer);
    else {
      const token = backDoor.keep(connection);
      answer({ say: "dialled", id, way: "spliced", token }, null, (error) => error && connection.destroy());
    }
  };
}

async function dial(providers: ReadonlyMap<string, Dialler>, wanted: Wanted): Promise<Duplex> {
  const { provider, sessionId, handle, endpoint } = wanted;
  const found = providers.get(provider);
  if (found === undefined) throw new Unavailable(`there is no compute provider "${provider}" here`);
  return found.dial({ sessionId, handle }, endpoint, AbortSignal.timeout(dialWithinMs));
}

/** The gateway speaks HTTP, and so speaks first: of a session that does not wait for it, what it said is spliced. */
function isPlain(connection: Duplex): connection is Socket {
  return (
    Object.getPrototypeOf(connection) === Socket.prototype &&
    connection.readableLength === 0 &&
    connection.writableLength === 0
  );
}

/** What is left here of a socket that has gone is closed, for whoever counts what is open. */
function hand(socket: Socket, id: number, answer: Answer): void {
  socket.on("error", () => {});
  answer({ say: "dialled", id, way: "handed" }, socket, () => socket.destroy());
}
