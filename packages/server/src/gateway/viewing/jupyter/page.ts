import { readFileSync } from "node:fs";
import { join } from "node:path";
import { always } from "../../answers.ts";
import { textOf } from "../inside.ts";
import type { Look, Ruling } from "../viewing.ts";
import { answer, notForViewers } from "./answers.ts";
import type { OpenDocument } from "./documents.ts";
import { encoded } from "./targets.ts";

const file = (name: string) => readFileSync(join(import.meta.dirname, "page", name), "utf8");
const script = file("look-on.js");
const style = file("look-on.css");

/** What the page's script is told. */
interface Told {
  readonly owner: string;
  readonly session: string;
  readonly portal: string;
  readonly document: string;
}

/** JupyterLab's page of one document, with what makes it one to look at. It is never served on another origin. */
export async function page(look: Look, { path }: OpenDocument): Promise<Ruling> {
  const { status, body } = await look.inside.get(`/doc/tree/${encoded(path)}`);
  const html = await textOf(body);
  if (status !== 200 || html === null) return notForViewers;
  const { session, portalOrigin } = look;
  const told: Told = {
    owner: await look.ownerName(),
    session: session.name,
    portal: `${portalOrigin}/sessions/${session.id}`,
    document: path,
  };
  const headers = {
    ...always,
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
    "Referrer-Policy": "same-origin",
  };
  return answer({ status: 200, headers, body: toLookAt(html, told) });
}

const configPattern = /(<script id="jupyter-config-data" type="application\/json">)([\s\S]*?)(<\/script>)/;

function toLookAt(html: string, told: Told): string {
  const configured = html.replace(
    configPattern,
    (_all, open: string, config: string, close: string) => open + inScript(configOf(config)) + close,
  );
  const added = `<style>${style}</style><script>${script}lookOn(${inScript(told)});</script></head>`;
  return configured.replace("</head>", () => added);
}

function configOf(text: string): object {
  return { ...JSON.parse(text), token: "", exposeAppInBrowser: true };
}

/** JSON that cannot end the script it stands in. */
function inScript(value: object): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
