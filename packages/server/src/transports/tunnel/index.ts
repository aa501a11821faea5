import { rm } from "node:fs/promises";
import type { Duplex } from "node:stream";
import { type CancelSignal, type EndpointKind, Unavailable } from "@endstation/core";
import type { Logger } from "pino";
import { type Attempt, nameOf } from "./attempt.ts";
import { createDoor } from "./door.ts";
import { listenInFolder } from "./folder.ts";
import { digestOf, firstKey, type TunnelKeys } from "./keys.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { createLinks, type Links } from "./links.ts";
import { listenOnNetwork, type NetworkWay } from "./network.ts";

export type { Attempt } from "./attempt.ts";
export type { TunnelKeys } from "./keys.ts";
export type { NetworkWay } from "./network.ts";

/** Ways into sessions on engines where nothing may listen for others: the launcher inside connects out to us. */
export interface Tunnels {
  /** Where the portals of this machine bind their sockets: mounted read-only where a ticket of the way "folder" says. */
  readonly folder: string;
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
  readonly log: Pick<Logger, "warn">;
}

/** Listens on both ways; see `README.md` for the protocol. */
export async function createTunnels(options: TunnelOptions): Promise<Tunnels> {
  const { secret, keys, folderInside, network, onPortal, log } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const links = createLinks(limits);
  const door = createDoor({ keys, links, limits, onPortal, log });
  const near = await listenInFolder(options.folder, (socket) => door.enter(socket, socket));
  const far = network === null ? null : await listenOnNetwork(network, door.enter);
  const sweeper = setInterval(() => void cutRevoked(keys, links, log), limits.ping);

  return {
    folder: options.folder,
    ticket: async (of, way) => {
      if (way === "network" && (far === null || network === null))
        throw new Unavailable("this portal listens for no session on another machine");
      const key = firstKey(secret, of);
      await keys.enrol(of, digestOf(key));
      const pulse = { pingSeconds: limits.ping / 1000, silenceSeconds: limits.silence / 1000 };
      const there =
        way === "folder"
          ? { folder: folderInside }
          : { address: network?.address, port: far?.port, certificate: far?.certificate };
      return JSON.stringify({ v: 1, session: of.sessionId, attempt: of.attempt, key, ...pulse, ...there });
    },
    dial: async (of, endpoint, signal) => {
      const link = links.find(of);
      if (link === undefined) throw new Unavailable(`the launcher of ${nameOf(of)} is not connected`);
      return link.dial(endpoint, signal);
    },
    revoke: async (of) => {
      await keys.revoke(of);
      links.find(of)?.cut();
    },
    close: async () => {
      clearInterval(sweeper);
      for (const listening of [near, far]) listening?.server.close();
      door.close();
      links.cutAll();
      await rm(near.path, { force: true });
    },
  };
}

/** What another process has revoked. */
async function cutRevoked(keys: TunnelKeys, links: Links, log: Pick<Logger, "warn">): Promise<void> {
  try {
    for (const of of await keys.revokedAmong(links.attempts())) links.find(of)?.cut();
  } catch (error) {
    log.warn({ error: (error as Error).message }, "whether tunnels were revoked cannot be asked");
  }
}
