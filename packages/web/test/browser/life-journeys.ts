import assert from "node:assert/strict";
import { failed, idOf, running } from "../portal/fixtures/sessions.ts";
import type { Journey } from "./journey.ts";

const atRunning = `/sessions/${idOf(1)}`;

/** What is done to a session: stopped, extended, renamed, shared, read, started again. */
export const lifeJourneys: readonly Journey[] = [
  [
    "R26 R60 stopping asks first and says what is kept and what is lost; Escape leaves everything as it was",
    async ({ portal, page }) => {
      portal.world.sessions = [running()];
      await page.goto(`${portal.url}${atRunning}`);
      const stop = page.getByRole("button", { name: "Stop", exact: true });
      await stop.click();
      await page.getByText("everything in /results and in the home folder").waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      assert.equal(await stop.evaluate((element) => element === document.activeElement), true);
      assert.equal(portal.calls("stopSession").length, 0);
      await stop.click();
      await page.getByRole("button", { name: "Stop the session" }).click();
      await page.getByText("It is being stopped").waitFor();
    },
  ],
  [
    "R25 a session is extended; when the facility says no, its words are shown in the dialogue",
    async ({ portal, page }) => {
      portal.world.sessions = [running()];
      await page.goto(`${portal.url}${atRunning}`);
      await page.getByRole("button", { name: "More" }).click();
      await page.getByRole("menuitem", { name: "Extend" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("radio", { name: /^7 days/ }).check();
      await dialog.getByRole("button", { name: "Extend" }).click();
      await dialog.getByText("lifetime-limit").waitFor();
      await dialog.getByRole("radio", { name: /^12 hours/ }).check();
      await dialog.getByRole("button", { name: "Extend" }).click();
      await dialog.waitFor({ state: "detached" });
      assert.deepEqual(portal.calls("extendSession").at(-1)?.body, { hours: 12 });
    },
  ],
  [
    "a session is renamed, but not to nothing",
    async ({ portal, page }) => {
      portal.world.sessions = [running()];
      await page.goto(`${portal.url}${atRunning}`);
      await page.getByRole("button", { name: "More" }).click();
      await page.getByRole("menuitem", { name: "Rename" }).click();
      const name = page.getByRole("dialog").getByLabel("Name");
      await name.fill("  ");
      await page.keyboard.press("Enter");
      await page.getByText("A session needs a name.").waitFor();
      await name.fill("Phonons at 8 K");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "Phonons at 8 K" }).waitFor();
      assert.equal(portal.calls("renameSession").length, 1);
    },
  ],
  [
    "sharing warns that a member acts as the owner; somebody unknown is told, somebody known is let in and out",
    async ({ portal, page }) => {
      portal.world.sessions = [running()];
      await page.goto(`${portal.url}${atRunning}`);
      await page.getByRole("button", { name: "More" }).click();
      await page.getByRole("menuitem", { name: "Share" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText("She can read your whole home folder").waitFor();
      await dialog.getByLabel("Account").fill("nobody");
      await dialog.getByRole("button", { name: "Let in" }).click();
      await dialog.getByText("account-unknown").waitFor();
      await dialog.getByLabel("Account").fill("member");
      await dialog.getByLabel("Until").selectOption({ label: "in a week" });
      await dialog.getByRole("button", { name: "Let in" }).click();
      await dialog.getByRole("button", { name: "Remove Member of the experiment" }).click();
      await dialog.getByText("Nobody but you.").waitFor();
      const body = portal.calls("share").at(-1)?.body as { as: string; until: string };
      assert.equal(body.as, "member");
      assert.ok(Date.parse(body.until) > Date.now() + 6 * 86_400_000);
      assert.equal(portal.calls("unshare")[0]?.query["account"], "member");
    },
  ],
  [
    "a failure says at which stage, why, and what next, shows the log, and is started again as it was",
    async ({ portal, page }) => {
      portal.world.sessions = [failed()];
      portal.world.log = "bwrap: cannot make the namespace";
      await page.goto(`${portal.url}/sessions/${idOf(4)}`);
      await page.getByText("It failed at the stage: Starting").waitFor();
      await page.getByText("it was not answering after 60 s").waitFor();
      await page.getByText("bwrap: cannot make the namespace").waitFor();
      await page.getByRole("button", { name: "Start again" }).click();
      await page.waitForURL((url) => !url.pathname.includes(idOf(4)));
      assert.deepEqual(portal.calls("startSession")[0]?.body, {
        environment: "tof-spectroscopy",
        flavour: "medium",
        name: "Time-of-flight spectroscopy: MgB2, run 3701",
        proposal: "ipns-2001-mgb2",
        datasets: ["lrmecs-3701-mgb2-8k"],
        notebook: "reduce-to-s-q-e.ipynb",
        parameters: {},
      });
    },
  ],
  [
    "somebody else's session offers only what this person may do",
    async ({ portal, page }) => {
      portal.world.sessions = [{ ...running(1), myAccess: "admin" }];
      await page.goto(`${portal.url}${atRunning}`);
      await page.getByText("This is a session of Principal investigator").waitFor();
      for (const name of ["Stop", "More"])
        assert.equal(await page.getByRole("button", { name, exact: true }).count(), 0);
      assert.equal(await page.getByRole("link", { name: /Open/ }).count(), 0);
    },
  ],
  [
    "my sessions are narrowed by words and by live or ended, which stands in the address",
    async ({ portal, page }) => {
      await page.goto(`${portal.url}/sessions`);
      await page.getByRole("link", { name: "Comparison of 2001 and today", exact: true }).waitFor();
      await page.getByRole("searchbox").fill("comparison");
      assert.equal(await page.getByRole("article").count(), 1);
      await page.getByRole("searchbox").fill("unobtainium");
      await page.getByText("No session matches").waitFor();
      await page.getByRole("searchbox").fill("");
      await page.getByText("Ended", { exact: true }).click();
      await page.getByText("Look at chopper.nxs").waitFor();
      assert.equal(new URL(page.url()).searchParams.get("phase"), "ended");
    },
  ],
];
