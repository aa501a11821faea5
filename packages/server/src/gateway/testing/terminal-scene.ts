import { once } from "node:events";
import { WebSocket } from "ws";
import { until } from "./browser.ts";
import { enter, post, ticketTo } from "./entering.ts";
import { addPlace, type House, type Place, share, withHouse } from "./house.ts";
import { startTerminal, type Terminal } from "./terminal.ts";

/** Somebody's page of a terminal: what came, and what may be sent. */
export interface Page {
  readonly socket: WebSocket;
  screen(): string;
  told(): string[];
}

export interface Way {
  readonly host: string;
  readonly origin: string;
  readonly cookie: string;
}

async function pageOf(house: House, { host, origin }: Place, cookie: string, path: string): Promise<Page> {
  const socket = new WebSocket(`ws://127.0.0.1:${house.port}${path}`, { headers: { host, origin, cookie } });
  const came: Buffer[] = [];
  const told: string[] = [];
  socket.on(
    "message",
    (data: Buffer, isBinary) => void (isBinary ? came.push(data) : told.push(String(data))),
  );
  await once(socket, "open");
  socket.on("error", () => {});
  return { socket, screen: () => Buffer.concat(came).toString(), told: () => told };
}

async function asViewer(
  house: House,
  place: Place,
  account: string,
): Promise<{ place: Place; cookie: string }> {
  await share(house, place, account, "viewer");
  const { url, ticket } = await ticketTo(house, place, { account, relation: "viewer" });
  const answer = await post(house, { url, ticket });
  const cookie = answer.headers["set-cookie"]?.[0]?.split(";", 1)[0] ?? "";
  const { host, origin } = new URL(url);
  return { place: { ...place, host, origin }, cookie };
}

export interface Scene {
  readonly house: House;
  readonly terminal: Terminal;
  readonly owner: Page;
  readonly viewer: { readonly place: Place; readonly cookie: string };
  /** How each comes in; a member comes as the owner does. */
  readonly ways: Readonly<Record<"viewer" | "member", Way>>;
  /** Types as the owner, and waits for what comes of it. */
  run(line: string, wanted: string): Promise<void>;
}

/** A portal with a real terminal of `ada`'s, her page of it, and `bob`, who may look on. */
export async function withScene(act: (scene: Scene) => Promise<void>): Promise<void> {
  const terminal = await startTerminal();
  try {
    await withHouse(async (house) => {
      const place = await addPlace(house, "ada", terminal.socket, "terminal");
      const cookie = await enter(house, place);
      const owner = await pageOf(house, place, cookie, "/shell/type");
      const run = async (line: string, wanted: string) => {
        const before = owner.screen().length;
        owner.socket.send(JSON.stringify({ type: "input", text: `${line}\n` }));
        await until(() => owner.screen().slice(before).includes(wanted));
      };
      await run("echo rea''dy", "ready\r\n");
      const viewer = await asViewer(house, place, "bob");
      const { host, origin } = viewer.place;
      const ways = {
        viewer: { host, origin, cookie: viewer.cookie },
        member: { host: place.host, origin: place.origin, cookie },
      };
      await act({ house, terminal, owner, viewer, ways, run });
    });
  } finally {
    await terminal.close();
  }
}

export const watching = ({ house, viewer }: Scene, path = "/shell/look") =>
  pageOf(house, viewer.place, viewer.cookie, path);
