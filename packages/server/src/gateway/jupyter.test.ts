import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { ask, openSocket } from "./testing/browser.ts";
import { enterInBrowser, executablePath, withBrowser } from "./testing/chromium.ts";
import { enter } from "./testing/entering.ts";
import { addPlace, type House, happen, type Place, withHouse } from "./testing/house.ts";
import { builtEnvironment, startJupyter } from "./testing/jupyter.ts";

const environment = builtEnvironment();
const missing = [
  ...(existsSync(executablePath) ? [] : ["Chromium is not installed at /usr/bin/chromium"]),
  ...(environment === null ? ["no Python environment is built yet"] : []),
];
const skip = missing.length > 0 && missing.join("; ");

test(
  "R20 R21 R23 a real JupyterLab in a real browser: entered by a posted ticket, a cell runs, XSRF stays on",
  { skip },
  () =>
    withJupyter(async (house) => {
      await withBrowser(async (context) => {
        const page = await enterInBrowser(context, house, house.first);
        await page.waitForURL(`${house.first.origin}/lab**`);
        assert.equal(await runs(page, "print(6 * 7)"), "42");
        const [visit] = (await context.cookies(house.first.origin)).filter(({ name }) =>
          name.startsWith("__Host-"),
        );
        assert.deepEqual(
          [visit?.httpOnly, visit?.secure, visit?.sameSite, visit?.expires],
          [true, true, "Lax", -1],
        );
        assert.equal(await page.evaluate("document.cookie.includes('__Host-')"), false);
        const statuses = (await page.evaluate(xsrfProbe)) as number[];
        assert.deepEqual(statuses, [403, 201], "without Jupyter's token refused by Jupyter, with it made");
        await happen(house, house.first, { type: "stop-requested", reason: "user", by: "ada" });
        await page.goto(house.first.origin);
        await page.getByRole("heading", { name: "The session has ended" }).waitFor();
        const found = await new AxeBuilder({ page }).analyze();
        assert.deepEqual(
          found.violations.map(({ id }) => id),
          [],
        );
      });
    }),
);

/** Jupyter's own second line: a change needs its XSRF token, gateway or not. */
const xsrfProbe = `(async () => {
  const token = document.cookie.match(/_xsrf=([^;]+)/)[1];
  const post = (headers) => fetch("/api/contents/", { method: "POST", headers, body: '{"type":"notebook"}' });
  return [(await post({})).status, (await post({ "X-XSRFToken": token })).status];
})()`;

test(
  "Jupyter behind the gateway still checks the Origin of a WebSocket and of changes itself",
  { skip },
  () =>
    withJupyter(async (house) => {
      const cookie = await enter(house, house.first);
      const { host, origin } = house.first;
      const own = { cookie, origin };
      const status = await ask(house.port, { host, path: "/api/status", headers: { cookie } });
      assert.equal(status.status, 200, status.body);
      const change = await ask(house.port, {
        host,
        path: "/api/contents/",
        method: "POST",
        headers: own,
        body: "{}",
      });
      assert.equal(change.status, 403, "no XSRF token");
      const landing = await ask(house.port, { host, headers: { cookie } });
      assert.deepEqual([landing.status, landing.headers.location], [302, "/lab?"]);
      const path = "/api/events/subscribe";
      const opened = await openSocket(house.port, { host, path, origin, headers: { cookie } });
      assert.ok(typeof opened === "object", `refused with ${opened}`);
      opened.terminate();
    }),
);

test("another session's page can neither ask nor listen nor frame", { skip }, () =>
  withHouse(async (house) => {
    const other = await addPlace(house, "ada", house.inside.socket);
    await withBrowser(async (context) => {
      await enterInBrowser(context, house, house.first);
      const page = await enterInBrowser(context, house, other);
      const attack = `(async (target) => {
        const ask = (init) => fetch(target + "/attack", { credentials: "include", mode: "no-cors", ...init }).catch(() => {});
        await ask({});
        await ask({ method: "POST", body: "x" });
        await new Promise((done) => { const socket = new WebSocket(target.replace("http", "ws") + "/attack"); socket.onerror = socket.onopen = done; });
        await new Promise((done) => { const frame = document.createElement("iframe"); frame.src = target + "/attack"; frame.onload = done; document.body.append(frame); });
      })("${house.first.origin}")`;
      await page.evaluate(attack);
      const reached = house.inside.seen.filter(({ url }) => url.startsWith("/attack"));
      assert.deepEqual(reached, []);
    });
  }),
);

test("while a session cannot be reached its page looks by itself, and goes on when it can", { skip }, () =>
  withHouse(async (house) => {
    const { session, origin } = house.first;
    await withBrowser(async (context) => {
      const page = await enterInBrowser(context, house, house.first);
      house.sockets.delete(session.id);
      house.inside.hangUp();
      const found = page.getByRole("heading", { name: "The session cannot be reached at the moment" });
      await untilShown(page, origin, () => found.isVisible());
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        const { violations } = await new AxeBuilder({ page }).analyze();
        assert.deepEqual(
          violations.map(({ id }) => id),
          [],
          colorScheme,
        );
      }
      house.sockets.set(session.id, house.inside.socket);
      await page.getByText('"url":"/"').waitFor();
    });
  }),
);

async function untilShown(page: Page, address: string, shown: () => Promise<boolean>): Promise<void> {
  for (let n = 0; n < 60; n += 1) {
    await page.goto(address);
    if (await shown()) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`not shown at ${address}`);
}

async function withJupyter(run: (house: House) => Promise<void>): Promise<void> {
  const jupyter = await startJupyter(environment as string);
  try {
    await withHouse(run, jupyter.socket);
  } finally {
    await jupyter.close();
  }
}

/** Runs a cell in a new console of JupyterLab's launcher and answers what it printed. */
async function runs(page: Page, code: string): Promise<string> {
  await page.locator('.jp-LauncherCard[data-category="Notebook"]').first().click();
  const cell = page.locator(".jp-Notebook .jp-CodeCell .cm-content").first();
  await cell.click();
  await page.keyboard.type(code);
  await page.keyboard.press("Shift+Enter");
  const output = page.locator(".jp-OutputArea-output pre").first();
  await output.waitFor({ timeout: 60_000 });
  return ((await output.textContent()) ?? "").trim();
}
