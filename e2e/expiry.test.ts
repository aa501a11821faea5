import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import type { Browser, Page } from "playwright-core";
import { demandAccessible, launchBrowser, personAt } from "./support/browser.ts";
import { journey } from "./support/journey.ts";
import { logIn } from "./support/person.ts";
import { type RunningPortal, removePortal, startPortal } from "./support/portal.ts";
import { startedSession } from "./support/sessions.ts";
import { demandAccessibleInBoth, logInAs } from "./support/steps.ts";

/** A session whose time is up, on a portal where that takes seconds. */
const limits = "limits: { lifetimeHours: 0.01, longestLifetimeHours: 2, warnMinutes: 0.4 }\n";

let folder: string;
let portal: RunningPortal;
let browser: Browser;
let page: Page;
let ending = "";
let extended = "";
const step = journey("expiry", () => browser);

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "es-config-"));
  const config = join(folder, "endstation.yaml");
  writeFileSync(config, limits);
  [portal, browser] = await Promise.all([startPortal({ config }), launchBrowser()]);
  const context = await personAt(browser);
  context.setDefaultTimeout(60_000);
  page = await context.newPage();
  await logInAs(page, portal.url, "guest");
});

after(async () => {
  await browser?.close();
  if (portal !== undefined) await removePortal(portal);
  rmSync(folder, { recursive: true, force: true });
});

step("R25 R26 before its end she is warned where she looks, and can let it run longer", async () => {
  const guest = await logIn(portal.url, "guest");
  const body = { environment: "nexus" };
  ending = await startedSession(guest, body);
  extended = await startedSession(guest, body);
  await page.goto(`${portal.url}/sessions/${extended}`);
  const warning = page.getByRole("alert").filter({ hasText: "This session ends" });
  await warning.waitFor();
  await warning.getByText("Files in the results folder and in your home are kept.").waitFor();
  await warning.getByRole("button", { name: "Extend" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Extend" }).click();
  await dialog.waitFor({ state: "hidden" });
  await warning.waitFor({ state: "hidden" });
});

step("R48 when its time is up it is stopped, and the reason stands on its page and in the list", async () => {
  await page.goto(`${portal.url}/sessions/${ending}`);
  await page.getByRole("heading", { name: "Timeline" }).waitFor();
  await demandAccessible(page);
  await page.getByText("This session has ended").waitFor();
  await page.getByText("Its time was up.").waitFor();
  await demandAccessibleInBoth(page);
  await page.goto(`${portal.url}/sessions`);
  await page.getByText("Ended", { exact: true }).click();
  await page.getByText("Its time was up.").waitFor();
  await demandAccessibleInBoth(page);
  await page.goto(`${portal.url}/sessions/${extended}`);
  await page.getByRole("status").filter({ hasText: "Running" }).waitFor();
  assert.equal(await page.getByText("This session has ended").count(), 0);
});
