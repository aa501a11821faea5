import assert from "node:assert/strict";
import { Refusal } from "../portal/calls.ts";
import type { Journey } from "./journey.ts";

/** Logging in and out, accounts, tokens, and pages that are not there. */
export const personJourneys: readonly Journey[] = [
  [
    "R1 nobody is asked to log in at the door; a deeper address goes to the log-in and says where to come back to",
    async ({ portal, page }) => {
      portal.world.me = null;
      await page.goto(portal.url);
      await page.getByRole("link", { name: "Log in" }).click();
      assert.equal(new URL(page.url()).pathname + new URL(page.url()).search, "/auth/login?returnTo=%2F");
      await page.goto(`${portal.url}/datasets?q=steel`);
      await page.waitForURL(/\/auth\/login\?returnTo=/);
      assert.equal(new URL(page.url()).searchParams.get("returnTo"), "/datasets?q=steel");
    },
  ],
  [
    "a log-in that ends meanwhile leads to the log-in and back to the same page",
    async ({ portal, page }) => {
      await page.goto(`${portal.url}/environments`);
      await page.getByText("scippneutron").first().waitFor();
      portal.world.me = null;
      const start = page.getByRole("button", { name: "Start without data: NeXus and HDF5" });
      await start.evaluate((button: HTMLElement) => button.click()).catch(() => undefined);
      await page.waitForURL(/\/auth\/login\?returnTo=%2Fenvironments/);
    },
  ],
  [
    "the account menu logs out by a form POST that carries the portal's origin",
    async ({ portal, page }) => {
      await page.goto(portal.url);
      await page.getByRole("button", { name: /Account of/ }).click();
      await page.getByRole("menuitem", { name: "Log out" }).click();
      await page.getByRole("heading", { level: 1, name: /Your measurement/ }).waitFor();
      assert.deepEqual(portal.posts, [{ path: "/auth/logout", origin: portal.url }]);
    },
  ],
  [
    "dark is chosen in the account menu, kept in this browser, and there before the first paint",
    async ({ portal, page }) => {
      await page.goto(portal.url);
      await page.getByRole("button", { name: /Account of/ }).click();
      await page.getByRole("menuitemradio", { name: "Dark" }).click();
      await page.locator(":root[data-mantine-color-scheme=dark]").waitFor();
      await page.route("**/assets/*.js", (route) => route.abort());
      await page.reload({ waitUntil: "commit" });
      await page.locator(":root[data-mantine-color-scheme=dark]").waitFor({ state: "attached" });
    },
  ],
  [
    "a token is made, shown once with its copy, and revoked",
    async ({ portal, page, context }) => {
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.goto(`${portal.url}/tokens`);
      await page.getByRole("button", { name: "Make a token" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Name").fill("Script");
      await dialog.getByLabel("Expires after").selectOption({ label: "7 days" });
      await dialog.getByRole("checkbox", { name: "Sessions" }).uncheck();
      await dialog.getByRole("button", { name: "Make a token" }).click();
      await dialog.getByRole("button", { name: "Copy" }).click();
      await dialog.getByText("Copied").waitFor();
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      assert.match(copied, /^est_/);
      assert.deepEqual(portal.calls("makeToken")[0]?.body, {
        name: "Script",
        scopes: ["read"],
        expiresInSeconds: 604_800,
      });
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "hidden" });
      assert.equal((await page.content()).includes(copied), false);
      await page.getByRole("button", { name: "Revoke Script" }).click();
      await dialog.getByRole("button", { name: "Revoke" }).click();
      await page.getByText("You have no access token").waitFor();
    },
  ],
  [
    "R47 an administrator drains a provider after a warning, and resumes it",
    async ({ portal, page }) => {
      portal.world.providers = [
        {
          name: "slurm",
          configured: true,
          kinds: ["jupyter"],
          isolation: "user",
          drained: null,
          outageSince: null,
          liveSessions: 3,
        },
      ];
      await page.goto(`${portal.url}/providers`);
      await page.getByRole("button", { name: "Drain slurm" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText("The 3 that live there go on").waitFor();
      await dialog.getByRole("button", { name: "Drain" }).click();
      await page.getByText("Drained", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Resume slurm" }).click();
      await page.getByText("Takes sessions").waitFor();
    },
  ],
  [
    "a command line is let in, or not, with the code that it showed; a code that has gone is told",
    async ({ portal, page }) => {
      const code = page.getByRole("textbox", { name: "Code that the command line shows" });
      await page.goto(`${portal.url}/device?code=EVIL-LINK`);
      assert.equal(await code.inputValue(), "", "a link brings no code");
      await code.fill("bcdf-ghjk");
      await page.getByRole("button", { name: "Approve" }).click();
      await page.getByRole("heading", { name: "Approved" }).waitFor();
      await page.goto(`${portal.url}/device`);
      await code.fill("GONE-GONE");
      await page.getByRole("button", { name: "Refuse" }).click();
      await page.getByText("this code has expired or was never given").waitFor();
      assert.deepEqual(
        portal.calls("approveDevice").map(({ body }) => body),
        [
          { userCode: "BCDF-GHJK", approve: true },
          { userCode: "GONE-GONE", approve: false },
        ],
      );
    },
  ],
  [
    "a page that breaks says so inside the frame, and the rest goes on",
    async ({ portal, page, complaints }) => {
      await page.route("**/api/v1/environments", (route) => route.fulfill({ json: { items: null } }));
      await page.goto(`${portal.url}/environments`);
      await page.getByRole("heading", { name: "This page broke" }).waitFor();
      await page.getByRole("link", { name: "My sessions" }).click();
      await page.getByRole("heading", { level: 1, name: "My sessions" }).waitFor();
      complaints.length = 0;
    },
  ],
  [
    "what is not hers is told in the portal's own words, with its code",
    async ({ portal, page }) => {
      portal.answer("getSession", () => {
        throw new Refusal(404, "not-found", "There is nothing here, or it is not yours", "no such session");
      });
      await page.goto(`${portal.url}/sessions/s-aaaaaaaaaaaaaaaaaaa8`);
      await page.getByText("There is nothing here, or it is not yours").waitFor();
      await page.getByText("not-found", { exact: true }).waitFor();
    },
  ],
];
