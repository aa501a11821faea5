import type { Socket } from "node:net";
import type { CancelSignal, EndpointKind } from "@endstation/core";
import { Unavailable } from "@endstation/core";
import { watchControl } from "./control.ts";
import type { Limits } from "./limits.ts";
import { say } from "./lines.ts";
import { createSpares } from "./spares.ts";

/** What one attempt's launcher has open with this process. */
export interface Link {
  /** Its control connection, in place of an earlier one. */
  control(connection: Socket): void;
  /** A stream that waits to be used. */
  spare(stream: Socket): void;
  /** A stream from inside to the portal; false when there are too many. */
  inward(stream: Socket): boolean;
  /** @throws Unavailable */
  dial(endpoint: EndpointKind, signal: CancelSignal): Promise<Socket>;
  /** Ends everything, streams in use included. */
  cut(): void;
}

/** `idle` is called when nothing of it is open any more. */
export function createLink(limits: Limits, idle: () => void): Link {
  const open = new Set<Socket>();
  const inward = new Set<Socket>();
  let current: Socket | null = null;
  const spares = createSpares((count) => current !== null && say(current, { open: count }), limits);

  const hold = (connection: Socket, also: () => void = () => {}) => {
    open.add(connection);
    connection.once("close", () => {
      open.delete(connection);
      also();
      if (open.size === 0) idle();
    });
  };
  const lose = (connection: Socket) => {
    if (connection !== current) return;
    current = null;
    spares.clear();
  };

  return {
    control: (connection) => {
      const former = current;
      if (former !== null) lose(former);
      former?.destroy();
      current = connection;
      hold(connection, () => lose(connection));
      watchControl(connection, limits);
    },
    spare: (stream) => {
      hold(stream);
      if (current === null) stream.destroy();
      else spares.add(stream);
    },
    inward: (stream) => {
      if (inward.size >= limits.inward) return false;
      inward.add(stream);
      hold(stream, () => inward.delete(stream));
      return true;
    },
    dial: async (endpoint, signal) => {
      if (current === null) throw new Unavailable("the launcher is not connected");
      const stream = await spares.take(signal);
      say(stream, { endpoint });
      return stream;
    },
    cut: () => {
      for (const one of open) one.destroy();
    },
  };
}
