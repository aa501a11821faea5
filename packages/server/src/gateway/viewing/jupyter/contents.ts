import { always } from "../../answers.ts";
import type { Inside } from "../inside.ts";
import type { Ruling } from "../viewing.ts";
import { answer, emptyFolder, json, notForViewers } from "./answers.ts";
import type { OpenDocument } from "./documents.ts";
import { objectOf } from "./documents.ts";
import { encoded, type Target } from "./targets.ts";

/** `/api/contents/…`: an open document as it is, but not to be written; every folder empty; the rest is not there. */
export async function contents(
  inside: Inside,
  method: string,
  { path, query }: Target,
  documents: readonly OpenDocument[],
): Promise<Ruling> {
  const asked = path.replace(/^\/api\/contents\/?/, "").replace(/\/$/, "");
  if (asked.endsWith("/checkpoints")) return checkpoints(method);
  if (method !== "GET" && method !== "HEAD") return notForViewers;
  if (documents.some((one) => one.path === asked)) return document(inside, asked, query);
  if (isFolder(asked, documents)) return json(emptyFolder(asked));
  return answer({ status: 404, headers: always, body: "" });
}

function checkpoints(method: string): Ruling {
  if (method === "GET") return json([]);
  return method === "POST"
    ? json({ id: "checkpoint", last_modified: "1970-01-01T00:00:00Z" }, 201)
    : notForViewers;
}

/** The root, and the folders that open documents lie in. */
function isFolder(path: string, documents: readonly OpenDocument[]): boolean {
  return path === "" || documents.some((one) => one.path.startsWith(`${path}/`));
}

/** What is in a notebook comes live; reading the file would have Jupyter note that it did. */
const passedOn: Readonly<Record<string, RegExp>> = {
  content: /^[01]$/,
  hash: /^[01]$/,
  type: /^(file|notebook)$/,
  format: /^(text|base64|json)$/,
};

async function document(inside: Inside, path: string, query: URLSearchParams): Promise<Ruling> {
  const isNotebook = path.endsWith(".ipynb");
  const asked = Object.entries(passedOn).flatMap(([name, pattern]) => {
    const value = isNotebook && name === "content" ? "0" : query.get(name);
    return value !== null && pattern.test(value) ? [`${name}=${value}`] : [];
  });
  const model = await inside.json(`/api/contents/${encoded(path)}?${asked.join("&")}`);
  if (model === null) return answer({ status: 404, headers: always, body: "" });
  return json({ ...objectOf(model), writable: false });
}
