import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { sessionIdPattern } from "@endstation/core";
import pLimit from "p-limit";
import type { Logger } from "pino";
import { z } from "zod";
import type { Attempt } from "./attempt.ts";
import { digestOf, newKey, type TunnelKeys } from "./keys.ts";
import type { Limits } from "./limits.ts";
import { readLine, say } from "./lines.ts";
import type { Links } from "./links.ts";

const hello = z.object({
  v: z.literal(1),
  session: z.string().regex(sessionIdPattern),
  attempt: z.int().min(1).max(1_000_000),
  key: z.string().max(100),
  for: z.enum(["control", "stream", "portal"]),
});
type Hello = z.infer<typeof hello>;

interface DoorOptions {
  readonly keys: TunnelKeys;
  readonly links: Links;
  readonly limits: Limits;
  readonly onPortal: ((of: Attempt, connection: Duplex) => void) | undefined;
  readonly log: Pick<Logger, "warn">;
}

export interface Door {
  /** A connection that came; `connection` is what lies over it when it is encrypted. */
  enter(raw: Socket, connection: Socket): void;
  /** Sends away all who have not shown a key yet. */
  close(): void;
}

/** Lets in who shows a valid key, as what she says she is, and nobody else. */
export function createDoor({ keys, links, limits, onPortal, log }: DoorOptions): Door {
  const strangers = new Set<Socket>();
  const fewAtOnce = pLimit(limits.lookUps);

  const admit = async (connection: Socket) => {
    const said = read(await readLine(connection, limits.helloBytes, limits.helloWithin));
    if (said === null || fewAtOnce.pendingCount >= limits.strangers) return connection.destroy();
    const of = { sessionId: said.session, attempt: said.attempt };
    const next = newKey();
    const known = await fewAtOnce(() => !connection.destroyed && check(of, said, next));
    if (connection.destroyed) return;
    if (!known) refuse(connection, "this key opens nothing");
    else if (said.for === "control") takeControl(of, connection, next);
    else if (said.for === "stream") takeSpare(of, connection);
    else takeInward(of, connection);
  };
  const check = (of: Attempt, said: Hello, next: string) =>
    said.for === "control"
      ? keys.exchange(of, digestOf(said.key), digestOf(next))
      : keys.accept(of, digestOf(said.key));
  const takeControl = (of: Attempt, connection: Socket, next: string) => {
    say(connection, { key: next });
    links.of(of).control(connection);
  };
  const takeSpare = (of: Attempt, connection: Socket) => {
    say(connection, {});
    links.of(of).spare(connection);
  };
  const takeInward = (of: Attempt, connection: Socket) => {
    if (onPortal === undefined) return refuse(connection, "nothing here answers sessions");
    if (!links.of(of).inward(connection)) return refuse(connection, "too many at once");
    say(connection, {});
    onPortal(of, connection);
  };

  return {
    enter: (raw, connection) => {
      for (const socket of new Set([raw, connection])) socket.on("error", () => {});
      const [oldest] = strangers;
      if (strangers.size >= limits.strangers) oldest?.destroy();
      strangers.add(raw);
      raw.once("close", () => strangers.delete(raw));
      admit(connection)
        .catch((error: unknown) => {
          log.warn({ error: (error as Error).message }, "a launcher's key could not be looked up");
          connection.destroy();
        })
        .finally(() => strangers.delete(raw));
    },
    close: () => {
      for (const raw of strangers) raw.destroy();
    },
  };
}

function read(line: string | null): Hello | null {
  try {
    return hello.safeParse(JSON.parse(line ?? "")).data ?? null;
  } catch {
    return null;
  }
}

function refuse(connection: Socket, why: string): void {
  say(connection, { refused: why });
  connection.destroySoon();
}
