import type { Socket } from "node:net";

/** Somebody who takes connections, and says which she has. */
export interface Player {
  give(id: number, connection: Socket): void;
  onTaken(taken: (id: number) => void): void;
  onGone(gone: () => void): void;
}

/** Deals connections out in turn. One that was given to somebody who went without a word is given to the next. */
export interface Dealer {
  enter(player: Player): void;
  deal(connection: Socket): void;
  close(): void;
}

/** More do not wait while nobody is there. */
const mostWaiting = 4_096;

export function createDealer(): Dealer {
  const inTurn: { readonly player: Player; readonly given: Map<number, Socket> }[] = [];
  const waiting = new Set<Socket>();
  let dealt = 0;
  const deal = (connection: Socket) => {
    const next = inTurn.shift();
    if (next === undefined) return wait(connection);
    inTurn.push(next);
    dealt += 1;
    next.given.set(dealt, connection);
    next.player.give(dealt, connection);
  };
  const wait = (connection: Socket) => {
    if (waiting.size >= mostWaiting) connection.destroy();
    else waiting.add(connection);
  };
  return {
    deal: (connection) => {
      connection.on("error", () => connection.destroy());
      deal(connection);
    },
    enter: (player) => {
      const one = { player, given: new Map<number, Socket>() };
      player.onTaken((id) => {
        one.given.get(id)?.destroy();
        one.given.delete(id);
      });
      player.onGone(() => {
        inTurn.splice(inTurn.indexOf(one), 1);
        for (const connection of one.given.values()) deal(connection);
      });
      inTurn.push(one);
      for (const connection of [...waiting]) {
        waiting.delete(connection);
        deal(connection);
      }
    },
    close: () => {
      for (const connection of [...waiting, ...inTurn.flatMap(({ given }) => [...given.values()])])
        connection.destroy();
    },
  };
}
