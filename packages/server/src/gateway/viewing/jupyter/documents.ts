import type { Inside } from "../inside.ts";
import { encoded } from "./targets.ts";

/** A document that viewers may look at. */
export interface OpenDocument {
  /** Below the session's root, without a slash in front. */
  readonly path: string;
  /** The kernel's name where a kernel runs for it. */
  readonly kernel: string | null;
}

/**
 * What viewers may look at: the notebook that the session was started for, what stands open in its JupyterLab (which keeps
 * that in its workspaces), and notebooks with a kernel. The first is in front.
 */
export async function openDocuments(inside: Inside): Promise<readonly OpenDocument[]> {
  const [front, kernels, workspaces] = await Promise.all([
    frontNotebook(inside),
    inside.json("/api/sessions"),
    inside.json("/lab/api/workspaces"),
  ]);
  const running = kernelsOf(kernels);
  const paths = [...(front === null ? [] : [front]), ...running.keys(), ...openIn(workspaces)];
  return [...new Set(paths)].map((path) => ({ path, kernel: running.get(path) ?? null }));
}

/** The session's server leads from its root to what the launcher put in front. */
async function frontNotebook(inside: Inside): Promise<string | null> {
  const { headers, body } = await inside.get("/");
  body.resume();
  const found = /\/lab\/tree\/([^?#]+)/.exec(String(headers["location"] ?? ""));
  return found?.[1] === undefined ? null : decodeURIComponent(found[1]);
}

function kernelsOf(sessions: unknown): Map<string, string> {
  const found = (Array.isArray(sessions) ? sessions : []).flatMap((one) => {
    const { type, path, kernel } = objectOf(one);
    return type === "notebook" && typeof path === "string"
      ? [[plain(path), String(objectOf(kernel)["name"] ?? "python3")] as const]
      : [];
  });
  return new Map(found);
}

function openIn(workspaces: unknown): string[] {
  const values = objectOf(objectOf(workspaces)["workspaces"])["values"];
  return (Array.isArray(values) ? values : []).flatMap((workspace) => {
    const data = objectOf(objectOf(workspace)["data"]);
    return Object.entries(data).flatMap(([name, value]) => {
      const path = objectOf(objectOf(value)["data"])["path"];
      return documentWidget.test(name) && typeof path === "string" && path !== "" ? [plain(path)] : [];
    });
  });
}

/** Widgets that show a file; a file browser and a terminal are none. */
const documentWidget =
  /^(notebook|editor|image|markdownpreview|csvtable|tsvtable|json|html|pdf|svg)[\w -]*:/i;

function plain(path: string): string {
  return path.replace(/^RTC:/, "").replace(/^\//, "");
}

/** What the session's server says of a file, without what is in it; null where there is none. */
export async function modelOf(inside: Inside, path: string): Promise<Record<string, unknown> | null> {
  const model = await inside.json(`/api/contents/${encoded(path)}?content=0`);
  return model === null ? null : objectOf(model);
}

export function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
