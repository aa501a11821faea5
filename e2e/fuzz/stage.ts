import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Array as YArray, Map as YMap, Text as YText } from "yjs";
import { ask, until } from "../../packages/server/src/gateway/testing/browser.ts";
import { post, ticketTo } from "../../packages/server/src/gateway/testing/entering.ts";
import { type House, share, withHouse } from "../../packages/server/src/gateway/testing/house.ts";
import { type Jupyter, startJupyter } from "../../packages/server/src/gateway/testing/jupyter.ts";
import { workNotebook } from "../../packages/server/src/gateway/testing/notebook.ts";
import {
  type Client,
  headersOf,
  joinRoom,
  roomOf,
  type Way,
} from "../../packages/server/src/gateway/testing/shared-document.ts";
import { type Kernel, startKernel } from "./kernel.ts";
import type { Stage, State } from "./protocol.ts";

/** A real JupyterLab behind the real gateway: `ada` works in it, `bob` looks on, `eve` is a member. */
export async function withStage(environment: string, run: (stage: Stage) => Promise<void>): Promise<void> {
  const files = { "work.ipynb": workNotebook, "notes.txt": "some text\n" };
  const jupyter = await startJupyter(environment, { files, front: "/lab/tree/work.ipynb" });
  try {
    await withHouse((house) => onStage(house, jupyter, run), jupyter.socket);
  } finally {
    await jupyter.close();
  }
}

async function onStage(house: House, jupyter: Jupyter, run: (stage: Stage) => Promise<void>): Promise<void> {
  const { port } = house;
  await share(house, house.first, "bob", "viewer");
  await share(house, house.first, "eve", "member");
  const owner = await wayIn(house, "ada", "owner");
  const ways = { viewer: await wayIn(house, "bob", "viewer"), member: await wayIn(house, "eve", "member") };
  const kernel = await startKernel(port, owner, "work.ipynb");
  const room = await roomOf(port, owner, "work.ipynb");
  const ada = await joinRoom(port, owner, room);
  const bob = await joinRoom(port, ways.viewer, await roomOf(port, ways.viewer, "work.ipynb"));
  const kernels = { member: kernel.path, viewer: await playedKernel(port, ways.viewer) };
  await kernel.run("answer = 42\nnames = ['a', 'b']");
  const reach = { port, ways, kernels, room };
  try {
    await run({
      reach,
      state: () => stateOf(jupyter, kernel, () => joinRoom(port, owner, room)),
      ownerEdits: (text) => edit(ada, bob, text),
    });
  } finally {
    for (const client of [ada, bob]) client.close();
    kernel.close();
  }
}

async function wayIn(house: House, account: string, relation: "owner" | "viewer" | "member"): Promise<Way> {
  const { url, ticket } = await ticketTo(house, house.first, { account, relation });
  const answer = await post(house, { url, ticket });
  const cookie = answer.headers["set-cookie"]?.[0]?.split(";", 1)[0] ?? "";
  const { host, origin } = new URL(url);
  return { host, origin, cookie };
}

async function playedKernel(port: number, way: Way): Promise<string> {
  const answer = await ask(port, { host: way.host, path: "/api/sessions", headers: headersOf(way) });
  return `/api/kernels/${JSON.parse(answer.body)[0].kernel.id}`;
}

async function stateOf(jupyter: Jupyter, kernel: Kernel, join: () => Promise<Client>): Promise<State> {
  const own = await join();
  const document = JSON.stringify({
    cells: own.doc.getArray("cells").toJSON(),
    meta: own.doc.getMap("meta").toJSON(),
    state: { ...own.doc.getMap("state").toJSON(), hash: null, dirty: null },
  });
  own.close();
  return {
    files: digests(jupyter.home),
    variables: await kernel.variables(),
    document,
    processes: jupyter.processes(),
  };
}

function digests(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const paths = names.map((one) => join(one.parentPath, one.name)).sort();
  return Object.fromEntries(
    paths.map((path) => [
      relative(folder, path),
      createHash("sha256").update(readFileSync(path)).digest("hex"),
    ]),
  );
}

async function edit(ada: Client, bob: Client, text: string): Promise<void> {
  ada.change((doc) => {
    const cell = doc.getArray("cells").get(1) as YMap<unknown>;
    (cell.get("source") as YText).insert(0, text);
  });
  const arrived = () =>
    JSON.stringify((bob.doc.getArray("cells") as YArray<unknown>).toJSON()).includes(text);
  await until(arrived, 60_000);
}
