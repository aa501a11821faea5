import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { attempt } from "./support/browsing.ts";
import type { Family } from "./support/family.ts";
import type { Headers } from "./support/front.ts";
import { lured } from "./support/lure.ts";
import { reached } from "./support/people.ts";

/** What a session's page tries by showing, opening or steering other pages. */
export const framing: Family = (stage, sameSite) => {
  test("show the portal in a frame, to have her click there", () =>
    lured(stage(), async ({ page }) => {
      for (const path of ["/", "/device", "/auth/login", "/docs/errors", "/api/v1/me"])
        assert.equal(
          await shownInFrame(page, stage().world.origin + path, /portal|error|account/i),
          false,
          path,
        );
    }));

  if (sameSite)
    test("without the portal's headers against frames, that one succeeds", () =>
      lured(stage(), ({ page }) =>
        stage().world.front.without({ answer: framable }, async () =>
          assert.equal(await shownInFrame(page, `${stage().world.origin}/`, /portal/i), true),
        ),
      ));

  test("show another session in a frame, to have her click there", () =>
    lured(stage(), async ({ page, own, victim }) => {
      await victim.open(own);
      assert.equal(await shownInFrame(page, `${own.origin}/`, /inside/), false);
    }));

  if (sameSite)
    test("without the gateway's headers and its look at where a request comes from, that one succeeds", () =>
      lured(stage(), async ({ page, own, victim }) => {
        await victim.open(own);
        await stage().world.front.without({ answer: framable, request: unnamed }, async () =>
          assert.equal(await shownInFrame(page, `${own.origin}/`, /inside/), true),
        );
      }));

  test("keep hold of the portal's window, to watch or steer it", () =>
    lured(stage(), async ({ page }) => {
      assert.equal(await attempt(page, holdsOn, `${stage().world.origin}/`), false);
    }));

  if (sameSite)
    test("without Cross-Origin-Opener-Policy, that one succeeds", () =>
      lured(stage(), ({ page }) =>
        stage().world.front.without(
          { answer: (headers) => void delete headers["cross-origin-opener-policy"] },
          async () => {
            await page.reload();
            assert.equal(await attempt(page, holdsOn, `${stage().world.origin}/not-cached`), true);
          },
        ),
      ));

  test("lead the portal's tab, which opened the session, to a false portal", () =>
    lured(stage(), async ({ page, victim }) => {
      const before = victim.portal.url();
      await attempt(page, () => opener?.location.assign("about:blank#false-portal"), null);
      await page.waitForTimeout(300);
      assert.equal(victim.portal.url(), before);
    }));

  test("load another session's pictures, scripts and data into a page of one's own", () =>
    lured(stage(), async ({ page, own, victim }) => {
      await victim.open(own);
      own.server.pages.set("/data.js", (_request, response) =>
        response
          .writeHead(200, { "access-control-allow-origin": "*", "content-type": "text/javascript" })
          .end("loaded=1"),
      );
      const loaded = await attempt(page, loadsScript, `${own.origin}/data.js`);
      assert.equal(loaded, false);
      assert.deepEqual(reached(own, /data\.js/), []);
    }));
};

/** Whether the text of a page in a frame gets onto the screen. */
async function shownInFrame(page: Page, url: string, text: RegExp): Promise<boolean> {
  await attempt(
    page,
    (src) => {
      const frame = Object.assign(document.createElement("iframe"), { src });
      document.body.replaceChildren(frame);
    },
    url,
  );
  for (let turn = 0; turn < 8; turn += 1) {
    await page.waitForTimeout(100);
    for (const frame of page.frames().slice(1)) {
      const isThere = frame.url().startsWith(new URL(url).origin);
      const body = isThere ? await frame.evaluate(() => document.body.textContent ?? "").catch(() => "") : "";
      if (text.test(body)) return true;
    }
  }
  return false;
}

/** Whether a window that was opened can still be told from a closed one once the page is there. */
async function holdsOn(url: string): Promise<boolean> {
  const opened = window.open(url);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const holds = opened !== null && !opened.closed;
  opened?.close();
  return holds;
}

function loadsScript(src: string): Promise<boolean> {
  return new Promise((resolve) => {
    const script = Object.assign(document.createElement("script"), { src });
    script.onload = () => resolve(true);
    script.onerror = () => resolve(false);
    document.head.append(script);
  });
}

function framable(headers: Headers): void {
  for (const name of ["content-security-policy", "x-frame-options", "cross-origin-resource-policy"])
    delete headers[name];
}

function unnamed(headers: Headers): void {
  for (const name of ["sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"]) delete headers[name];
}
