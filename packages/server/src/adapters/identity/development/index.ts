import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { EndstationError } from "@endstation/core";
import type { Provider } from "oidc-provider";
import { type DevelopmentAccount, type DevelopmentConfig, developmentConfig } from "./config.ts";
import { endedCookies, renameCookies } from "./cookies.ts";
import { arrivalOf, whyNotDirect } from "./guard.ts";
import { createIssuer } from "./issuer.ts";
import { failurePage, loginPage } from "./page.ts";

export { type DevelopmentAccount, type DevelopmentConfig, developmentConfig } from "./config.ts";
export { type Arrival, arrivalOf, whyNotDirect } from "./guard.ts";

/** Where the development issuer lives on the portal's own origin. */
export const developmentPrefix = "/development-issuer";

/** The name under which its identities are kept: the same on whatever port the portal runs. */
export const developmentIssuerName = "urn:endstation:development";

/** An OpenID Connect issuer inside the portal, and how the portal is its client. */
export interface DevelopmentIssuer {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Answers a request whose path begins with {@link developmentPrefix}, whole, the body not yet read. */
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/** @throws config-invalid when the public URL is not a loopback address. */
export function createDevelopmentIssuer(config: DevelopmentConfig): DevelopmentIssuer {
  const parsed = developmentConfig.safeParse(config);
  if (!parsed.success)
    throw new EndstationError(
      "development-only",
      parsed.error.issues.map((issue) => issue.message).join("; "),
    );
  const origin = new URL(parsed.data.publicUrl).origin;
  const client = { clientId: "endstation", clientSecret: randomBytes(32).toString("base64url") };
  const issuer = `${origin}${developmentPrefix}`;
  const { accounts } = parsed.data;
  const provider = createIssuer({ issuer, ...client, callbackUrl: `${origin}/auth/callback`, accounts });
  const desk = {
    provider,
    accounts,
    origin,
    port: Number(new URL(origin).port || 80),
    answer: provider.callback(),
  };
  return { issuer, ...client, handle: (request, response) => void receive(desk, request, response) };
}

interface Desk {
  readonly provider: Provider;
  readonly accounts: readonly DevelopmentAccount[];
  readonly origin: string;
  readonly port: number;
  readonly answer: ReturnType<Provider["callback"]>;
}

async function receive(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refusal = whyNotDirect(arrivalOf(request), desk.port);
  if (refusal !== null)
    return send(response, 403, failurePage("For development only", `This request is refused: ${refusal}.`));
  renameCookies(request, response);
  const path = (request.url ?? "").split("?", 1)[0] ?? "";
  const [, uid, step] = /^\/development-issuer\/interaction\/([\w-]+)(?:\/(login|refuse))?$/.exec(path) ?? [];
  try {
    if (uid !== undefined) await interact(desk, request, response, step);
    else await passOn(desk, request, response);
  } catch {
    send(response, 400, failurePage("This log-in has expired", "Start again from the portal."));
  }
}

/** The library finds out where it is mounted by comparing the two. */
async function passOn({ answer }: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  Object.assign(request, { originalUrl: request.url });
  request.url = (request.url ?? "").slice(developmentPrefix.length) || "/";
  await answer(request, response);
}

async function interact(
  desk: Desk,
  request: IncomingMessage,
  response: ServerResponse,
  step: string | undefined,
): Promise<void> {
  const { uid } = await desk.provider.interactionDetails(request, response);
  if (request.method === "GET" && step === undefined)
    return send(response, 200, loginPage(desk.accounts, `${developmentPrefix}/interaction/${uid}`));
  if (request.method !== "POST" || step === undefined)
    return send(response, 405, failurePage("Not so", "Start again."));
  if (request.headers.origin !== desk.origin)
    return send(response, 403, failurePage("Refused", "This was sent by another site than the portal."));
  response.setHeader("set-cookie", endedCookies(uid));
  await desk.provider.interactionFinished(request, response, await decision(desk, request, step), {
    mergeWithLastSubmission: false,
  });
}

async function decision({ accounts }: Desk, request: IncomingMessage, step: string) {
  const chosen = new URLSearchParams(await bodyOf(request)).get("account");
  const known = accounts.find(({ account }) => account === chosen);
  return step === "login" && known !== undefined
    ? { login: { accountId: known.account, remember: false } }
    : { error: "access_denied", error_description: "the person did not log in" };
}

const longestBody = 4096;

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) {
    body += chunk;
    if (body.length > longestBody) throw new Error("the body is too long");
  }
  return body;
}

/** `same-origin` lets the browser name this origin in the form's POST; `no-referrer` would make it `null`. */
function send(response: ServerResponse, status: number, html: string): void {
  if (response.headersSent) return;
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
  });
  response.end(html);
}
