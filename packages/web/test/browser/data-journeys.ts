import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { Refusal } from "../portal/calls.ts";
import { idOf } from "../portal/fixtures/sessions.ts";
import type { Journey } from "./journey.ts";

/** From an experiment or a search to a started session. */
export const dataJourneys: readonly Journey[] = [
  [
    "R3 R11 R59 R65 from the experiment to a started session by the keyboard alone",
    async ({ portal, page }) => {
      await page.goto(portal.url);
      await page.getByText("Phonon density of states").waitFor();
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      assert.equal(await focused(page), "main");
      await tabTo(page, "Phonon density of states of magnesium diboride");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: /Phonon/ }).waitFor();
      await tabTo(page, "MgB2, 43.37 g, 8 K, run 3701");
      await page.keyboard.press("Enter");
      const title = page.getByRole("heading", { level: 1, name: /MgB2/ });
      await title.waitFor();
      await page.getByRole("radio", { name: /Time-of-flight/ }).focus();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowUp");
      await tabTo(page, "Start");
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/sessions\/s-/);
      assert.deepEqual(portal.calls("startSession")[0]?.body, {
        environment: "tof-spectroscopy",
        flavour: "medium",
        datasets: ["lrmecs-3701-mgb2-8k"],
        notebook: "reduce-to-s-q-e.ipynb",
        parameters: {},
      });
    },
  ],
  [
    "whoever comes to another page has its title read first, and the window is named after it",
    async ({ portal, page }) => {
      await page.goto(portal.url);
      await page.getByRole("link", { name: "Environments" }).click();
      await page.getByRole("heading", { level: 1, name: "Environments" }).waitFor();
      await page.waitForFunction(() => document.activeElement?.tagName === "H1");
      assert.equal(await page.title(), "Environments · Endstation");
    },
  ],
  [
    "R2 a search stands in the address, goes on page by page, and can be cleared",
    async ({ portal, page }) => {
      await page.goto(`${portal.url}/datasets`);
      await page.getByRole("button", { name: "Show more" }).click();
      await page.getByText("Thermolysin").waitFor();
      await page.getByLabel("Words").fill("MH4");
      await page.waitForURL(/q=MH4/);
      await page.getByRole("combobox", { name: "Access" }).click();
      await page.getByRole("option", { name: "Open to everybody" }).click();
      await page.waitForURL(/access=open/);
      await page.getByText("Thermolysin").waitFor({ state: "detached" });
      assert.equal(portal.calls("listDatasets").at(-1)?.query["q"], "MH4");
      await page.getByRole("combobox", { name: "Technique" }).click();
      await page.getByRole("option", { name: "macromolecular crystallography" }).click();
      await page.getByRole("button", { name: "Clear the search" }).click();
      await page.getByText("MgB2, 43.37 g").waitFor();
      assert.equal(new URL(page.url()).search, "");
    },
  ],
  [
    "the files of a dataset are links that keep every letter of their path",
    async ({ portal, page }) => {
      await page.goto(`${portal.url}/datasets/lrmecs-3701-mgb2-8k`);
      const link = page.getByRole("link", { name: "Download notes/SOURCE file.md" });
      const address = "/api/v1/datasets/lrmecs-3701-mgb2-8k/files/notes/SOURCE%20file.md";
      assert.equal(await link.getAttribute("href"), address);
      assert.equal(await link.getAttribute("download"), "");
    },
  ],
  [
    "an answer that was lost does not start a second session: the same key is sent again",
    async ({ portal, page }) => {
      await page.goto(`${portal.url}/datasets/lrmecs-3701-mgb2-8k`);
      let isFirst = true;
      await page.route("**/api/v1/sessions", async (route) => {
        if (route.request().method() !== "POST" || !isFirst) return route.continue();
        isFirst = false;
        await route.fetch();
        return route.abort("connectionreset");
      });
      await page.getByRole("button", { name: "Start", exact: true }).click();
      await page.getByText("The portal did not answer").waitFor();
      await page.getByRole("button", { name: "Start", exact: true }).click();
      await page.waitForURL(/\/sessions\/s-/);
      const keys = portal.calls("startSession").map(({ idempotencyKey }) => idempotencyKey);
      assert.equal(keys.length, 2);
      assert.equal(keys[0], keys[1]);
    },
  ],
  [
    "a refused start is told with its code where the button is, and another choice may succeed",
    async ({ portal, page }) => {
      portal.answer("startSession", () => {
        const title = "You have as many sessions as you may have at once";
        throw new Refusal(422, "session-limit", title, "you have 8 live sessions; 8 are allowed at once");
      });
      await page.goto(`${portal.url}/datasets/sans2d-33837-curve`);
      await page.getByRole("radio", { name: /NeXus/ }).check();
      await page.getByRole("button", { name: "Start", exact: true }).click();
      await page.getByText("session-limit").waitFor();
      portal.asBefore("startSession");
      await page.getByRole("button", { name: "Start", exact: true }).click();
      await page.waitForURL(/\/sessions\/s-/);
      assert.equal(portal.world.sessions[0]?.environment, "nexus");
    },
  ],
  [
    "what cannot be had is shown with its cause and cannot be started; what fits nothing is folded away",
    async ({ portal, page }) => {
      await page.goto(`${portal.url}/datasets/lrmecs-3701-mgb2-8k`);
      await page.getByText("There is no free place now").first().click();
      await page.getByText("this machine has 3.1 GiB of memory free").waitFor();
      assert.equal(await page.getByRole("button", { name: "Start", exact: true }).isDisabled(), true);
      const other = page.getByRole("radio", { name: /Small-angle/ });
      assert.equal(await other.isVisible(), false);
      await page.getByText("1 other environment").click();
      await other.check();
      await page.getByLabel("Begin with").selectOption({ label: "How large are the spheres?" });
      await page.getByRole("button", { name: "Start", exact: true }).click();
      await page.waitForURL(/\/sessions\/s-/);
      const body = portal.calls("startSession")[0]?.body as { notebook?: string };
      assert.equal(body.notebook, "fit-spheres.ipynb");
    },
  ],
  [
    "R63 R84 an experiment shows the team's live sessions; each leads to its page, where one asks to join what is another's",
    async ({ portal, page }) => {
      await page.goto(`${portal.url}/proposals/ipns-2001-mgb2`);
      await page.getByText("Background of the empty can").waitFor();
      const others = page.getByRole("link", { name: "Background of the empty can" });
      assert.match((await others.getAttribute("href")) ?? "", new RegExp(idOf(8)));
      await page.getByRole("link", { name: "Comparison of 2001 and today" }).click();
      await page.waitForURL(new RegExp(idOf(6)));
    },
  ],
];

/** Goes on with Tab until something of this name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    const text = await page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
    if (text === name) return;
  }
  assert.fail(`"${name}" cannot be reached with the Tab key`);
}

function focused(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.id ?? "");
}
