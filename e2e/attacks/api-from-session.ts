import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { attempt } from "./support/browsing.ts";
import type { Family, Stage } from "./support/family.ts";
import type { Headers, Weakness } from "./support/front.ts";
import { type Lure, lured } from "./support/lure.ts";
import { logIn, type Place, reached } from "./support/people.ts";

/** What a session's page tries at the portal's API in her name. */
export const apiFromSession: Family = (stage, sameSite) => {
  test("read who she is and what she has, by fetch", () =>
    lured(stage(), async (lure) => assert.deepEqual(await readByFetch(stage(), lure), [])));

  if (sameSite)
    test("without the missing of CORS headers, and with requests told to be the portal's own, that one succeeds", () =>
      lured(stage(), (lure) =>
        stage().world.front.without(asIfOwn(openToAll), async () =>
          assert.notDeepEqual(await readByFetch(stage(), lure), []),
        ),
      ));

  test("stop her session by a form of any encoding, or by fetch", () =>
    lured(stage(), async ({ page, own }) => {
      for (const type of ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data"])
        await postForm(page, `${stage().world.origin}/api/v1/sessions/${own.id}/stop`, type);
      await attempt(page, fetchAnyhow, { url: `${stage().world.origin}/api/v1/sessions/${own.id}/stop` });
      assert.equal(await phaseOf(own), "running");
    }));

  if (sameSite)
    test("without the check of Origin, that one succeeds", () =>
      stage().world.front.without(asIfOwn(), () =>
        lured(stage(), async ({ page, own }) => {
          await attempt(page, fetchAnyhow, { url: `${stage().world.origin}/api/v1/sessions/${own.id}/stop` });
          assert.notEqual(await phaseOf(own), "running");
        }),
      ));

  test("log her out by a form", () =>
    lured(stage(), async ({ page, victim }) => {
      await postForm(page, `${stage().world.origin}/auth/logout`, "application/x-www-form-urlencoded");
      assert.equal(await victim.account(), "pi");
    }));

  if (sameSite)
    test("without the check of Origin at the log-out, that one succeeds", () =>
      stage().world.front.without(asIfOwn(), () =>
        lured(stage(), async ({ page, victim }) => {
          await postForm(page, `${stage().world.origin}/auth/logout`, "application/x-www-form-urlencoded");
          assert.equal(await victim.account(), null);
        }),
      ));

  test("let a command line of the attacker's in, in her name", () =>
    lured(stage(), async ({ page }) => {
      const { world } = stage();
      const other = await logIn(world, "other");
      const begun = JSON.parse((await other.call("POST", "/device", { name: "phish" })).body);
      const url = `${world.origin}/api/v1/device/approve`;
      const body = JSON.stringify({ userCode: begun.userCode, approve: true });
      for (const type of ["application/json", "text/plain"])
        await attempt(page, fetchAnyhow, { url, body, type });
      const polled = await other.call("POST", "/device/poll", { deviceCode: begun.deviceCode });
      assert.equal(JSON.parse(polled.body).state, "waiting");
    }));

  test("have the portal work for her page by image, script, style sheet, beacon, event stream and fetch", () =>
    lured(stage(), async ({ page }) => {
      await attempt(page, embedEverything, `${stage().world.origin}/api/v1`);
      await page.waitForTimeout(500);
      assert.deepEqual(answeredAsHer(stage(), "embedded"), []);
    }));

  if (sameSite)
    test("without the look at where a request comes from, that one succeeds", () =>
      stage().world.front.without({ request: withoutSite }, () =>
        lured(stage(), async ({ page }) => {
          await attempt(page, embedEverything, `${stage().world.origin}/api/v1`);
          await page.waitForTimeout(500);
          assert.notDeepEqual(answeredAsHer(stage(), "embedded"), []);
        }),
      ));

  test("open a WebSocket to the portal", () =>
    lured(stage(), async ({ page }) => {
      const url = `${stage().world.origin.replace("http", "ws")}/api/v1/events`;
      assert.equal(await attempt(page, opensWebSocket, url), false);
    }));

  test("talk through a WebSocket, or by fetch, to a session of hers next door", () =>
    lured(stage(), async ({ page, own, victim }) => {
      await victim.open(own);
      assert.equal(await attempt(page, opensWebSocket, `${own.origin.replace("http", "ws")}/kernel`), false);
      await attempt(page, fetchAnyhow, { url: `${own.origin}/api/kernels` });
      await postForm(page, `${own.origin}/api/kernels`, "text/plain");
      assert.deepEqual(reached(own, /kernel/), []);
    }));

  if (sameSite)
    test("without the check of Origin at the gateway, that one succeeds", () =>
      lured(stage(), async ({ page, own, victim }) => {
        await victim.open(own);
        await stage().world.front.without(
          { request: (headers) => sameOrigin(headers, own.origin) },
          async () => {
            assert.equal(
              await attempt(page, opensWebSocket, `${own.origin.replace("http", "ws")}/kernel`),
              true,
            );
            await attempt(page, fetchAnyhow, { url: `${own.origin}/api/kernels` });
          },
        );
        assert.deepEqual(new Set(reached(own, /kernel/)), new Set(["/kernel", "/api/kernels"]));
      }));
};

/** What a script gets to read of these, whatever mode it asks in. */
function readByFetch({ world }: Stage, { page }: Lure): Promise<string[] | null> {
  return attempt(
    page,
    async (portal) => {
      const read: string[] = [];
      for (const path of ["/api/v1/me", "/api/v1/sessions", "/api/v1/tokens", "/"])
        for (const mode of ["cors", "no-cors"] as const) {
          const answer = await fetch(portal + path, { credentials: "include", mode }).catch(() => null);
          const text = answer === null ? "" : await answer.text();
          if (text !== "") read.push(path);
        }
      return read;
    },
    world.origin,
  );
}

async function fetchAnyhow({
  url,
  body,
  type,
}: {
  url: string;
  body?: string;
  type?: string;
}): Promise<void> {
  for (const mode of ["no-cors", "cors"] as const)
    await fetch(url, {
      ...{ method: "POST", mode, credentials: "include" },
      headers: { "content-type": type ?? "text/plain" },
      body: body ?? "{}",
    }).catch(() => null);
  navigator.sendBeacon(url, body ?? "{}");
}

/** Into a frame of the page, so that it stays; what comes of it is seen at the portal. */
async function postForm(page: Page, action: string, enctype: string): Promise<void> {
  await attempt(
    page,
    async (given) => {
      const frame = Object.assign(document.createElement("iframe"), { name: "target" });
      const form = Object.assign(document.createElement("form"), {
        ...given,
        method: "post",
        target: "_blank",
      });
      const field = Object.assign(document.createElement("input"), { name: '{"a":"', value: '"}' });
      form.append(field);
      document.body.append(frame, form);
      form.submit();
      form.target = "target";
      form.submit();
      await new Promise((resolve) => setTimeout(resolve, 500));
    },
    { action, enctype },
  );
}

function embedEverything(api: string): void {
  const of = (how: string) => `${api}/datasets?search=embedded-${how}`;
  const add = (tag: string, given: object) =>
    document.head.append(Object.assign(document.createElement(tag), given));
  add("img", { src: of("image") });
  add("script", { src: of("script") });
  add("link", { rel: "stylesheet", href: of("style") });
  add("link", { rel: "prefetch", href: of("prefetch") });
  add("video", { src: of("video") });
  add("object", { data: of("object") });
  new EventSource(of("events"), { withCredentials: true });
  void fetch(of("fetch"), { mode: "no-cors", credentials: "include" }).catch(() => null);
}

function opensWebSocket(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.onopen = () => resolve(true);
    socket.onerror = () => resolve(false);
  });
}

async function phaseOf({ owner, id }: Place): Promise<string> {
  return JSON.parse((await owner.call("GET", `/sessions/${id}`)).body).phase;
}

/** Takes away what tells the portal that it is another page that asks. */
function asIfOwn(answer?: Weakness["answer"]): Weakness {
  return {
    request: (headers) => {
      if (headers["origin"] !== undefined) headers["origin"] = "https://portal.example.test";
      delete headers["sec-fetch-site"];
    },
    ...(answer === undefined ? {} : { answer }),
  };
}

function openToAll(headers: Headers, { headers: asked }: { headers: Headers }): void {
  if (asked["origin"] === undefined) return;
  headers["access-control-allow-origin"] = asked["origin"];
  headers["access-control-allow-credentials"] = "true";
}

function sameOrigin(headers: Headers, origin: string): void {
  headers["origin"] = origin;
  headers["sec-fetch-site"] = "same-origin";
}

function withoutSite(headers: Headers): void {
  for (const name of ["sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"]) delete headers[name];
}

/** What was asked with that word in its address and answered as one who is logged in. */
function answeredAsHer({ world }: Stage, word: string): string[] {
  const lines = world.requests.splice(0).filter(({ url }) => url.includes(word));
  return lines.filter(({ status }) => status !== 401 && status !== 403).map(({ url }) => url);
}
