import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type CancelSignal, Unavailable } from "@endstation/core";
import { throughBackDoor } from "./back-door.ts";
import type { Dialler } from "./dial-desk.ts";
import type { Dialled, FromWorker, Wanted } from "./messages.ts";

/** A worker's way to sessions: the main process dials. */
export interface Dials {
  to(provider: string): Dialler;
  /** The main process has answered. */
  dialled(answer: Dialled, socket: Socket | undefined): void;
}

export function createDials(backDoor: string, say: (message: FromWorker) => void): Dials {
  const waiting = new Map<number, (answer: Dialled, socket: Socket | undefined) => void>();
  let asked = 0;
  const ask = (wanted: Wanted, signal: CancelSignal) =>
    new Promise<Duplex>((resolve, reject) => {
      asked += 1;
      const id = asked;
      waiting.set(id, (answer, socket) => {
        taken(backDoor, answer, socket).then(
          (made) => (signal.aborted ? made.destroy() : resolve(made)),
          reject,
        );
      });
      signal.addEventListener("abort", () => reject(new Unavailable("called off")));
      say({ say: "dial", id, wanted });
    });
  return {
    to: (provider) => ({
      dial: ({ sessionId, handle }, endpoint, signal) =>
        ask({ provider, sessionId, handle, endpoint }, signal),
    }),
    dialled: (answer, socket) => {
      const take = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (take === undefined) socket?.destroy();
      else take(answer, socket);
    },
  };
}

async function taken(backDoor: string, answer: Dialled, socket: Socket | undefined): Promise<Duplex> {
  if (answer.way === "spliced") return throughBackDoor(backDoor, { splice: answer.token });
  if (answer.way === "none") throw new Unavailable(answer.why);
  if (socket === undefined) throw new Unavailable("the session closed the connection at once");
  // Until somebody else listens: an error that nobody hears would end the process.
  socket.on("error", () => socket.destroy());
  return socket;
}
