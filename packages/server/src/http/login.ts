import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import {
  type Clock,
  EndstationError,
  type Identity,
  type IdentityProvider,
  minute,
  type Principal,
} from "@endstation/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { sendProblem } from "./app.ts";
import { loginCookie } from "./authenticate.ts";
import { problemPage } from "./person-page.ts";
import { problemFrom } from "./problem.ts";
import { createRateLimit } from "./rate-limit.ts";
import { safeReturnTo } from "./return-to.ts";
import { demandSameOrigin } from "./same-origin.ts";

export interface LoginDeps {
  readonly provider: IdentityProvider;
  readonly logins: {
    keepPending(
      browser: string,
      state: string,
      pending: { readonly kept: Readonly<Record<string, string>>; readonly returnTo: string },
      now: number,
    ): Promise<void>;
    takePending(
      browser: string,
      state: string,
      now: number,
    ): Promise<{ readonly kept: Readonly<Record<string, string>>; readonly returnTo: string } | null>;
    signIn(identity: Identity, now: number): Promise<string>;
    openLogin(
      account: string,
      now: number,
      replacing: string | null,
    ): Promise<{ readonly id: string; readonly secret: string }>;
    findLogin(secret: string, now: number): Promise<{ readonly principal: Principal } | null>;
    closeLogin(secret: string): Promise<string | null>;
  };
  readonly clock: Clock;
  readonly publicOrigin: string;
  /** Why a request may not log in here at all; null when it may. */
  refuses(request: IncomingMessage): string | null;
}

/** Binds a log-in under way to the browser that began it. */
const browserCookie = "__Host-endstation-browser";
const callbackPath = "/auth/callback";
const cookieOptions = { path: "/", secure: true, httpOnly: true, sameSite: "lax" } as const;
const pendingSeconds = 15 * 60;
/** The browser may keep the cookie longer than the store keeps the log-in; the store decides. */
const loginSeconds = 30 * 24 * 3600;

/**
 * `GET /auth/login?returnTo=`, `GET /auth/callback`, `POST /auth/logout`: the way of a browser into the portal and out.
 * Log-out answers a form with 303, a script with `{ redirectTo }`.
 */
export function registerLogin(app: FastifyInstance, deps: LoginDeps): void {
  const begun = createRateLimit({ most: 300, withinMs: minute, clock: deps.clock });
  app.get("/auth/login", (request, reply) =>
    forPeople(request, reply, () => {
      begun.count(request.ip, "log-ins begun");
      return beginLogin(deps, request, reply);
    }),
  );
  app.get(callbackPath, (request, reply) =>
    forPeople(request, reply, () => completeLogin(deps, request, reply)),
  );
  app.post("/auth/logout", (request, reply) => forPeople(request, reply, () => logOut(deps, request, reply)));
  app.addContentTypeParser("application/x-www-form-urlencoded", (_request, payload, done) => {
    payload.resume();
    payload.once("end", () => done(null, null));
  });
}

type Query = Readonly<Record<string, unknown>>;

async function beginLogin(deps: LoginDeps, request: FastifyRequest, reply: FastifyReply) {
  demandDirect(deps, request);
  const returnTo = safeReturnTo((request.query as Query)["returnTo"]);
  const elsewhere = canonicalAddress(deps, request, returnTo);
  if (elsewhere !== null) return reply.redirect(elsewhere, 303);
  const begun = await deps.provider.begin(deps.publicOrigin + callbackPath, goneSignal(reply));
  const browser = browserOf(request) ?? randomBytes(32).toString("base64url");
  await deps.logins.keepPending(browser, begun.state, { kept: begun.kept, returnTo }, deps.clock.now());
  return reply
    .setCookie(browserCookie, browser, { ...cookieOptions, maxAge: pendingSeconds })
    .redirect(begun.redirectTo, 303);
}

/** One that came by another name of this machine begins anew under the portal's own name, where its cookies will be. */
function canonicalAddress(
  { publicOrigin }: LoginDeps,
  request: FastifyRequest,
  returnTo: string,
): string | null {
  const isLoopback = (host: string) => /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host);
  const own = new URL(publicOrigin).host;
  const asked = request.headers.host ?? own;
  if (asked === own || !isLoopback(asked) || !isLoopback(own)) return null;
  return `${publicOrigin}/auth/login?returnTo=${encodeURIComponent(returnTo)}`;
}

async function completeLogin(deps: LoginDeps, request: FastifyRequest, reply: FastifyReply) {
  demandDirect(deps, request);
  const { logins, clock } = deps;
  const { state } = request.query as Query;
  const browser = browserOf(request);
  const pending =
    browser === null || typeof state !== "string"
      ? null
      : await logins.takePending(browser, state, clock.now());
  const before = request.cookies[loginCookie] ?? null;
  if (pending === null) {
    if (before !== null && (await logins.findLogin(before, clock.now())) !== null)
      return reply.redirect("/", 303);
    throw new EndstationError(
      "login-failed",
      "this log-in was not begun in this browser, is too old, or came twice",
    );
  }
  const identity = await deps.provider.complete(
    deps.publicOrigin + request.url,
    pending.kept,
    goneSignal(reply),
  );
  const account = await logins.signIn(identity, clock.now());
  const { secret } = await logins.openLogin(account, clock.now(), before);
  request.log.info({ account }, "logged in");
  return reply
    .setCookie(loginCookie, secret, { ...cookieOptions, maxAge: loginSeconds })
    .redirect(pending.returnTo, 303);
}

async function logOut(deps: LoginDeps, request: FastifyRequest, reply: FastifyReply) {
  demandSameOrigin(request, deps.publicOrigin);
  const secret = request.cookies[loginCookie];
  const account = secret === undefined ? null : await deps.logins.closeLogin(secret);
  if (account !== null) request.log.info({ account }, "logged out");
  const redirectTo = (await deps.provider.end?.(`${deps.publicOrigin}/`).catch(() => null)) ?? "/";
  reply.clearCookie(loginCookie, cookieOptions).header("clear-site-data", '"cache"');
  return wantsPage(request) ? reply.redirect(redirectTo, 303) : reply.send({ redirectTo });
}

function demandDirect(deps: LoginDeps, request: FastifyRequest): void {
  const refusal = deps.refuses(request.raw);
  if (refusal !== null) throw new EndstationError("development-only", `the log-in was refused: ${refusal}`);
}

function browserOf(request: FastifyRequest): string | null {
  const value = request.cookies[browserCookie];
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : null;
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  return gone.signal;
}

/** What goes wrong is a page for a browser that was sent here, and a problem for a script. */
async function forPeople(request: FastifyRequest, reply: FastifyReply, serve: () => Promise<unknown>) {
  reply.header("cache-control", "no-store");
  try {
    return await serve();
  } catch (error) {
    const { problem, unforeseen } = problemFrom(error);
    if (unforeseen) request.log.error({ err: error, instance: problem.instance }, "unforeseen error");
    else request.log.warn({ err: error, code: problem.code }, "a log-in did not complete");
    if (!wantsPage(request)) return sendProblem(reply, problem);
    const wayOn = { href: "/auth/login?returnTo=/", text: "Log in again" };
    return reply.code(problem.status).type("text/html; charset=utf-8").send(problemPage(problem, wayOn));
  }
}

function wantsPage(request: FastifyRequest): boolean {
  return (request.headers.accept ?? "").includes("text/html");
}
