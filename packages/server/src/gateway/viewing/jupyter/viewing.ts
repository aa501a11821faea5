import { refuse } from "@endstation/core";
import { always } from "../../answers.ts";
import { parsed } from "../inside.ts";
import { type Look, type Ruling, refusing, type UpgradeRuling, type Viewing } from "../viewing.ts";
import { answer, collaborationOf, json, notForViewers, playedKernelModel, playedSession } from "./answers.ts";
import { contents } from "./contents.ts";
import { type OpenDocument, objectOf, openDocuments } from "./documents.ts";
import { playedKernel } from "./kernel.ts";
import { page } from "./page.ts";
import { emptyRoom, silence, watchRoom } from "./rooms.ts";
import { commonPath, encoded, type Target, targetOf } from "./targets.ts";

/** What a viewer may see of JupyterLab: the documents that stand open, live; what is not named here is refused. */
export const jupyterViewing: Viewing = {
  request: async (look) => {
    const target = targetOf(look.asked.target);
    return target === null ? notForViewers : ruleOn(look, target);
  },
  upgrade: async (look) => {
    const target = targetOf(look.asked.target);
    return target === null ? notForViewers : watchOn(look, target.path);
  },
};

const reads = new Set(["GET", "HEAD"]);

async function ruleOn(look: Look, target: Target): Promise<Ruling> {
  const { method } = look.asked;
  const { path } = target;
  if (reads.has(method)) {
    const common = commonPath(target);
    if (common !== null) return { does: "pass", path: common };
    const fixed = fixedAnswers[path];
    if (fixed !== undefined) return json(fixed(look));
  }
  if (method === "POST" && path === "/api/events") return json(null, 204);
  if (path.startsWith("/lab/api/workspaces")) return workspace(method, path);
  return ofDocuments(look, target, await openDocuments(look.inside));
}

/** What the page asks for at its start and needs nothing of the session for. */
const fixedAnswers: Readonly<Record<string, (look: Look) => unknown>> = {
  "/api/me": ({ account }) => ({ identity: identityOf(account), permissions: {} }),
  "/api/kernels": () => [],
  "/api/terminals": () => [],
  "/api/nbconvert": () => ({}),
  "/api/status": () => ({ connections: 1, kernels: 0, started: "", last_activity: "" }),
  "/lab/api/build": () => ({ status: "stable", message: "" }),
  "/lab/api/listings": () => ({ blocked_extensions: [], allowed_extensions: [] }),
};

function identityOf(account: string) {
  return {
    username: account,
    name: account,
    display_name: account,
    initials: "",
    avatar_url: null,
    color: null,
  };
}

function workspace(method: string, path: string): Ruling {
  if (method === "PUT") return json(null, 204);
  if (!reads.has(method)) return notForViewers;
  const id = path.replace(/^\/lab\/api\/workspaces\/?/, "");
  return json(id === "" ? { workspaces: { ids: [], values: [] } } : { data: {}, metadata: { id } });
}

async function ofDocuments(look: Look, target: Target, documents: readonly OpenDocument[]): Promise<Ruling> {
  const { inside, asked } = look;
  const { path } = target;
  if (path.startsWith("/api/contents")) return contents(inside, asked.method, target, documents);
  const joined = named(path, /^\/api\/collaboration\/session\/(.+)$/, documents);
  if (joined !== null) return asked.method === "PUT" ? join(look, joined) : notForViewers;
  if (/^\/api\/(sessions|kernels)/.test(path)) return kernels(look, path, documents);
  if (!reads.has(asked.method)) return notForViewers;
  if (path === "/.viewing/state") return state(look, documents);
  const shown = named(path, /^\/doc\/tree\/(.+)$/, documents);
  if (shown !== null) return page(look, shown);
  return /^\/((lab|doc|tree)(\/.*)?)?$/.test(path) ? toFront(documents) : notForViewers;
}

function named(path: string, pattern: RegExp, documents: readonly OpenDocument[]): OpenDocument | null {
  const found = pattern.exec(path)?.[1];
  return documents.find((one) => one.path === found) ?? null;
}

async function join({ inside }: Look, { path }: OpenDocument): Promise<Ruling> {
  const joined = await collaborationOf(inside, path);
  return joined === null ? answer({ status: 404, headers: always, body: "" }) : json(joined);
}

async function kernels(look: Look, path: string, documents: readonly OpenDocument[]): Promise<Ruling> {
  const { method } = look.asked;
  const sessions = documents.filter(isNotebook).map(playedSession);
  const models = documents.filter(isNotebook).map(playedKernelModel);
  const known = [...sessions, ...models].find(({ id }) => path.endsWith(`/${id}`));
  if (known !== undefined) return reads.has(method) || method === "PATCH" ? json(known) : notForViewers;
  if (path !== "/api/sessions") return notForViewers;
  if (reads.has(method)) return json(sessions);
  if (method !== "POST") return notForViewers;
  const wanted = objectOf(parsed((await look.body()) ?? ""))["path"];
  const session = sessions.find((one) => one.path === wanted);
  return session === undefined ? notForViewers : json(session, 201);
}

function isNotebook({ path }: OpenDocument): boolean {
  return path.endsWith(".ipynb");
}

/** What the page looks at again and again: whether she is still let in (that is asked before), and what stands open. */
async function state({ inside }: Look, documents: readonly OpenDocument[]): Promise<Ruling> {
  const [first] = documents;
  const joined = first === undefined ? null : await collaborationOf(inside, first.path);
  return json({ server: joined?.sessionId ?? null, documents: documents.map(({ path }) => path) });
}

function toFront([first]: readonly OpenDocument[]): Ruling {
  if (first === undefined)
    return refusing(refuse("session-starting", "nothing stands open in it yet that could be looked at"));
  return answer({
    status: 302,
    headers: { ...always, Location: `/doc/tree/${encoded(first.path)}` },
    body: "",
  });
}

async function watchOn(look: Look, path: string): Promise<UpgradeRuling> {
  if (path === "/api/events/subscribe") return { does: "watch", watching: silence() };
  if (path === "/api/collaboration/room/JupyterLab:globalAwareness")
    return { does: "watch", watching: emptyRoom() };
  const documents = await openDocuments(look.inside);
  const played = documents.filter(isNotebook).map(playedKernelModel);
  if (played.some(({ id }) => path === `/api/kernels/${id}/channels`))
    return { does: "watch", watching: playedKernel(python) };
  const room = /^\/api\/collaboration\/room\/([a-z]+:[a-z]+:[\w-]+)$/.exec(path)?.[1];
  return room === undefined ? notForViewers : roomOf(look, room, documents);
}

const python = {
  ...{ name: "python", version: "3", mimetype: "text/x-python", file_extension: ".py" },
  ...{ codemirror_mode: { name: "ipython", version: 3 }, pygments_lexer: "ipython3" },
};

/** The room of an open document, under the name that the session's server itself gives it. */
async function roomOf(
  { inside }: Look,
  room: string,
  documents: readonly OpenDocument[],
): Promise<UpgradeRuling> {
  const found = await inside.json(`/api/fileid/path?id=${room.split(":")[2]}`);
  const path = documents.find((one) => one.path === objectOf(found)["path"])?.path;
  const joined = path === undefined ? null : await collaborationOf(inside, path);
  if (joined === null || `${joined.format}:${joined.type}:${joined.fileId}` !== room) return notForViewers;
  const address = `/api/collaboration/room/${room}?sessionId=${encodeURIComponent(joined.sessionId)}`;
  return { does: "watch", watching: watchRoom(address) };
}
