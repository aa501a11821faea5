import type { ErrorCode, Session } from "@endstation/core";
import { problemOf } from "../http/problem.ts";
import type { Denial } from "./authorize.ts";
import { pageFor } from "./page.ts";
import type { Asked } from "./rules.ts";

/** An answer of the gateway itself: a page for people, a problem for programs. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** These pass by themselves: the page looks again, a program is told when to. */
const passing: ReadonlySet<ErrorCode> = new Set([
  "session-starting",
  "session-unreachable",
  "part-down",
  "database-unavailable",
  "provider-unavailable",
]);

export const always = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
};

export function answerTo(denial: Omit<Denial, "allowed">, asked: Asked, portalOrigin: string): Answer {
  const { code, detail, session } = denial;
  const problem = problemOf(code, detail);
  const passes = passing.has(code);
  const headers = passes ? { ...always, "Retry-After": "2" } : always;
  if (!wantsPage(asked)) {
    const body = JSON.stringify(problem);
    return {
      status: problem.status,
      headers: { ...headers, "Content-Type": "application/problem+json" },
      body,
    };
  }
  const back = backTo(code === "share-ended" ? null : session, portalOrigin);
  const { html, contentSecurityPolicy } = pageFor({ ...problem, back, looksAgain: passes });
  return {
    status: problem.status,
    headers: {
      ...headers,
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": contentSecurityPolicy,
    },
    body: html,
  };
}

function wantsPage({ headers }: Asked): boolean {
  const destination = headers["sec-fetch-dest"];
  if (destination !== undefined && destination !== "document" && destination !== "iframe") return false;
  return headers["upgrade"] === undefined && String(headers["accept"] ?? "").includes("text/html");
}

/** Who was let out need not find the session's page any more. */
function backTo(session: Session | null, portalOrigin: string): { href: string; text: string } {
  return session === null
    ? { href: `${portalOrigin}/sessions`, text: "Your sessions" }
    : { href: `${portalOrigin}/sessions/${session.id}`, text: `Back to “${session.name}” in the portal` };
}
