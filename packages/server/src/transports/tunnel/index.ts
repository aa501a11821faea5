import type { Duplex } from "node:stream";
import type { CancelSignal, EndpointKind } from "@endstation/core";
import type { Logger } from "pino";
import type { Attempt } from "./attempt.ts";
import type { TunnelKeys } from "./keys.ts";
import type { Limits } from "./limits.ts";

export type { Attempt } from "./attempt.ts";
export type { TunnelKeys } from "./keys.ts";

/** Ways into sessions on engines where nothing may listen for others: the launcher inside connects out to us. */
export interface Tunnels {
  /**
   * What the launcher needs to find its way here: the text of `tunnel.json`, to be laid down where only the session's own
   * account can read it. The same for the same attempt however often it is asked, by whichever portal process.
   */
  ticket(of: Attempt, way: "folder" | "network"): Promise<string>;
  /**
   * A byte stream to an endpoint inside the session, half-closed as a socket is.
   * @throws Unavailable when the launcher is not connected (yet), does not answer, or the signal is raised.
   */
  dial(of: Attempt, endpoint: EndpointKind, signal: CancelSignal): Promise<Duplex>;
  /** Ends the way for good and cuts what is open: here at once, in other processes within a ping's interval. */
  revoke(of: Attempt): Promise<void>;
  /** Cuts everything and listens no more; launchers go on trying to come back. */
  close(): Promise<void>;
}

export interface TunnelOptions {
  /** Whoever has it can make every session's first key. */
  readonly secret: Buffer;
  readonly keys: TunnelKeys;
  /** Where our socket is bound, for sessions on this machine; made when missing. A short path: sockets allow 107 bytes. */
  readonly folder: string;
  /** Where sessions find that folder, mounted read-only. */
  readonly folderInside: string;
  readonly network: NetworkWay | null;
  /** Takes what comes through `portal.sock` inside a session. Without it, nothing does. */
  readonly onPortal?: (of: Attempt, connection: Duplex) => void;
  readonly limits?: Partial<Limits>;
  readonly log: Pick<Logger, "info" | "warn">;
}

export interface NetworkWay {
  /** Where we listen. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** The name or address under which sessions reach us. */
  readonly address: string;
  /** Holds `certificate.pem` and `key.pem` (0600); made once where there are none. Sessions trust that certificate alone. */
  readonly certificateFolder: string;
}
