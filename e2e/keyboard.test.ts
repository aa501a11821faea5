import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { launchBrowser, personAt } from "./support/browser.ts";
import { journey } from "./support/journey.ts";
import { type RunningPortal, removePortal, startPortal } from "./support/portal.ts";
import { newTab } from "./support/steps.ts";

/** From the portal's door into a session, and out of it, without a mouse. */
const patience = 60_000;

let portal: RunningPortal;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const step = journey("keyboard", () => browser);

before(async () => {
  [portal, browser] = await Promise.all([startPortal(), launchBrowser()]);
  context = await personAt(browser);
  context.setDefaultTimeout(patience);
  page = await context.newPage();
});

after(async () => {
  await browser?.close();
  if (portal !== undefined) await removePortal(portal);
});

step("R1 the log-in and the issuer by the keyboard", async () => {
  await page.goto(portal.url);
  await press(page.getByRole("link", { name: "Log in" }));
  await press(page.getByRole("button", { name: /Principal investigator/ }));
  await page.getByRole("heading", { name: "My experiments" }).waitFor();
});

step("the first stop on a page leads past its navigation", async () => {
  const skip = page.getByRole("link", { name: "Skip to the content" });
  await page.reload();
  await page.getByRole("heading", { name: "My experiments" }).waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await isFocused(skip), true);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.equal(await page.locator("main :focus").count(), 1);
});

step("R20 R38 from an experiment to a started session by the keyboard", async () => {
  await press(page.getByRole("link", { name: "Phonon density of states of magnesium diboride" }));
  await press(page.getByRole("link", { name: "MgB2, 43.37 g, 8 K, run 3701" }));
  const environments = page.getByRole("group", { name: "Environment" });
  await goTo(environments.getByRole("radio").first());
  await press(environments.locator("summary"));
  await goTo(environments.getByRole("radio").first());
  await page.keyboard.press("ArrowDown");
  assert.equal(await environments.getByRole("radio").nth(1).isChecked(), true);
  await page.keyboard.press("ArrowUp");
  assert.equal(await environments.getByRole("radio").first().isChecked(), true);
  await press(page.getByRole("button", { name: "Start", exact: true }));
  await page.waitForURL(/\/sessions\/s-/);
  await page.getByRole("status").filter({ hasText: "Running" }).waitFor();
});

step("R21 into the session by the keyboard", async () => {
  const open = page.getByRole("link", { name: /^Open/ });
  await goTo(open);
  const tab = await newTab(context, () => page.keyboard.press("Enter"));
  await tab
    .locator(".jp-NotebookPanel .jp-Cell")
    .first()
    .waitFor({ timeout: patience * 2 });
  await tab.close();
});

step(
  "stopping by the keyboard: the dialog takes the focus, Escape gives it back, the button stops",
  async () => {
    const stop = page.getByRole("button", { name: "Stop", exact: true });
    await press(stop);
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    assert.equal(await isFocused(stop), true);
    await page.keyboard.press("Enter");
    await dialog.waitFor();
    await press(dialog.getByRole("button", { name: "Stop the session" }));
    await page.getByText("Its owner stopped it.").waitFor();
  },
);

/** Goes there by Tab and presses Enter. */
async function press(target: Locator): Promise<void> {
  await goTo(target);
  await target.page().keyboard.press("Enter");
}

/** By Tab alone; fails where it is not to be reached so, or where one does not see that it has the focus. */
async function goTo(target: Locator): Promise<void> {
  await target.waitFor();
  if (await isFocused(target)) return;
  const before = await look(target);
  for (let stops = 0; stops < 80; stops += 1) {
    await target.page().keyboard.press("Tab");
    if (!(await isFocused(target))) continue;
    assert.notEqual(await look(target), before, `the focus on ${target} is not to be seen`);
    return;
  }
  assert.fail(`Tab does not lead to ${target}`);
}

function isFocused(target: Locator): Promise<boolean> {
  return target.evaluate((element) => element === document.activeElement);
}

/** Its outlines and rings, and those of what frames it: a whole card or row may show that its link has the focus. */
function look(target: Locator): Promise<string> {
  return target.evaluate((element) => {
    const frames = [element, ...["label", "article", "li"].map((name) => element.closest(name))];
    return frames
      .flatMap((frame) => (frame === null ? [] : [getComputedStyle(frame)]))
      .map(({ outline, boxShadow }) => `${outline} ${boxShadow}`)
      .join("\n");
  });
}
