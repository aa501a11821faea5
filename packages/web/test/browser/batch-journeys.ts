import assert from "node:assert/strict";
import { moreRuns } from "../portal/fixtures/data.ts";
import { notices } from "../portal/fixtures/notices.ts";
import { array, batch, idOf } from "../portal/fixtures/sessions.ts";
import type { Journey } from "./journey.ts";

/** What runs while nobody looks: asked for, followed, and told of when it is over. */
export const batchJourneys: readonly Journey[] = [
  [
    "R31 R73 from a dataset's page a notebook is run with a parameter of her own, by the keyboard",
    async ({ portal, page }) => {
      await page.goto(`${portal.url}/datasets/lrmecs-3701-mgb2-8k`);
      await page.getByRole("link", { name: "Run a notebook without opening it" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "Run a notebook" }).waitFor();
      await page.getByLabel("Step in Q (1/angstrom)").fill("0.05");
      await page.getByLabel("Begin anew when it fails").selectOption("2");
      await page.getByLabel("Put the elastic line at 0").press("Space");
      await page.getByRole("button", { name: "Run it" }).press("Enter");
      await page.waitForURL(/\/sessions\/s-/);
      assert.deepEqual(portal.calls("startSession")[0]?.body, {
        environment: "tof-spectroscopy",
        flavour: "medium",
        datasets: ["lrmecs-3701-mgb2-8k"],
        parameters: { q_step: 0.05, align_to_elastic_line: false },
        job: { notebook: "reduce-to-s-q-e.ipynb", arguments: [], retries: 2 },
      });
      await page.getByText("q_step = 0.05, align_to_elastic_line = false").waitFor();
      assert.equal(await page.getByRole("link", { name: /^Open/ }).count(), 0);
    },
  ],
  [
    "R31 of an experiment's data some are chosen, and each gets a session; those that may not be read are not offered",
    async ({ portal, page }) => {
      moreRuns(portal.world);
      await page.goto(`${portal.url}/`);
      const card = page.getByRole("article").filter({ hasText: "Phonon density of states" });
      await card.getByRole("link", { name: "Run a notebook without opening it" }).click();
      await page.getByText(/^1 of \d+ chosen$/).waitFor();
      await page.getByRole("button", { name: "None" }).click();
      await page.getByText("Choose at least one dataset").waitFor();
      await page.getByRole("button", { name: "All" }).click();
      const boxes = page.getByRole("list", { name: "Data" }).getByRole("checkbox");
      const count = await boxes.count();
      assert.equal(count, 3);
      await boxes.first().uncheck();
      await page.getByRole("button", { name: new RegExp(`^Run it on .*${count - 1} dataset`) }).click();
      await page.waitForURL(/\/sessions\/s-/);
      const body = portal.calls("startSession")[0]?.body as { datasets: string[]; job: { over: string } };
      assert.deepEqual([body.datasets.length, body.job.over], [count - 1, "datasets"]);
    },
  ],
  [
    "R31 the log of a batch session is there at once, goes on by itself, and is whole when it has ended",
    async ({ portal, page }) => {
      portal.world.sessions = [batch()];
      portal.world.log = "cell 1 of 12\n";
      await page.goto(`${portal.url}/sessions/${idOf(9)}`);
      await page.getByRole("log").getByText("cell 1 of 12").waitFor();
      portal.world.log = "cell 1 of 12\ncell 2 of 12\n";
      await page.getByRole("log").getByText("cell 2 of 12").waitFor();
      portal.world.log = "cell 1 of 12\ncell 2 of 12\nall 12 cells ran\n";
      const over = { reason: "completed", exitCode: 0, endedAt: new Date().toISOString() };
      portal.world.sessions = [batch(9, "stopped", over)];
      portal.hint({ resource: "session", id: idOf(9), version: 5 });
      await page.getByText("It completed.").waitFor();
      await page.getByRole("log").getByText("all 12 cells ran").waitFor();
    },
  ],
  [
    "R31 one session of an array leads to the others, and all are stopped together",
    async ({ portal, page }) => {
      portal.world.sessions = array();
      await page.goto(`${portal.url}/sessions/${idOf(40)}`);
      await page.getByText("1 failed").waitFor();
      await page.getByRole("link", { name: "lrmecs-3701-mgb2" }).click();
      await page.waitForURL(new RegExp(idOf(41)));
      await page.getByRole("button", { name: "Stop", exact: true }).click();
      await page.getByLabel("Also the 5 others that were asked for together with it").check();
      await page.getByRole("button", { name: "Stop the session" }).click();
      await page.getByText("It is being stopped").waitFor();
      assert.deepEqual(portal.calls("stopSession")[0]?.query, { array: true });
    },
  ],
  [
    "R31 R111 in the list an array is one row that unfolds",
    async ({ portal, page }) => {
      portal.world.sessions = array();
      await page.goto(`${portal.url}/sessions`);
      await page.getByRole("heading", { name: "6 sessions asked for together" }).waitFor();
      const unfold = page.getByRole("button", { name: "Show all" });
      await unfold.press("Enter");
      await page.getByText(/lrmecs-3705-mgb2/).waitFor();
      await page.getByRole("button", { name: "Hide" }).press("Enter");
      await page.getByText(/lrmecs-3705-mgb2/).waitFor({ state: "detached" });
    },
  ],
  [
    "R26 the bell counts what is new; the notices lead to their sessions and are marked as read",
    async ({ portal, page }) => {
      portal.world.notices = notices();
      await page.goto(`${portal.url}/`);
      await page.getByRole("link", { name: "Notices, 4 new" }).click();
      await page.getByRole("link", { name: "MgB2, run 3701" }).first().waitFor();
      await page.getByRole("button", { name: "Mark all as read" }).click();
      await page.getByRole("link", { name: "Notices", exact: true }).waitFor();
      assert.deepEqual(portal.calls("readNotices")[0]?.body, { ids: ["10", "9", "8", "7"] });
    },
  ],
];
