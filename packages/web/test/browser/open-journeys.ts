import assert from "node:assert/strict";
import { Refusal } from "../portal/calls.ts";
import { idOf, running, starting } from "../portal/fixtures/sessions.ts";
import type { Journey } from "./journey.ts";

/** The way into a session. */
export const openJourneys: readonly Journey[] = [
  [
    "R21 R23 Open leads into a tab of its own by one POST: the ticket in the body, the portal's origin with it, no way back in",
    async ({ portal, page, context }) => {
      portal.world.sessions = [running()];
      await page.goto(`${portal.url}/sessions/${idOf(1)}`);
      const [tab] = await Promise.all([
        context.waitForEvent("page"),
        page.getByRole("link", { name: "Open" }).click(),
      ]);
      await tab.getByRole("heading", { name: "Inside" }).waitFor();
      const entries = portal.session.entries;
      assert.equal(entries.length, 1);
      assert.equal(entries[0]?.method, "POST");
      assert.equal(entries[0]?.origin, portal.url);
      assert.equal(entries[0]?.url, "/enter");
      assert.equal((await tab.title()) === "JupyterLab", true);
      assert.equal(await tab.evaluate(() => window.opener), null);
      await tab.goBack();
      await tab.getByRole("heading", { name: /Time-of-flight/ }).waitFor();
      assert.equal(new URL(tab.url()).pathname, `/sessions/${idOf(1)}`);
      assert.equal(portal.calls("openSession").length, 1);
    },
  ],
  [
    "Open when ready waits in the new tab and goes in by itself as soon as Jupyter answers",
    async ({ portal, page, context }) => {
      portal.world.sessions = [starting()];
      await page.goto(`${portal.url}/sessions/${idOf(2)}`);
      const [tab] = await Promise.all([
        context.waitForEvent("page"),
        page.getByRole("link", { name: "Open when ready" }).click(),
      ]);
      await tab.getByText("It is still starting").waitFor();
      assert.equal(portal.calls("openSession").length, 0);
      portal.world.sessions = [{ ...running(2) }];
      portal.hint({ resource: "session", id: idOf(2), version: 4 });
      await tab.getByRole("heading", { name: "Inside" }).waitFor();
      assert.equal(portal.calls("openSession").length, 1);
    },
  ],
  [
    "a ticket that is refused is told, and can be asked for again",
    async ({ portal, page }) => {
      portal.world.sessions = [running()];
      portal.answer("openSession", () => {
        throw new Refusal(
          503,
          "session-unreachable",
          "The session cannot be reached at the moment",
          "no answer",
        );
      });
      await page.goto(`${portal.url}/sessions/${idOf(1)}/open`);
      await page.getByText("session-unreachable").waitFor();
      portal.asBefore("openSession");
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByRole("heading", { name: "Inside" }).waitFor();
    },
  ],
  [
    "a session that has ended, or that is not for her to enter, says so instead of opening",
    async ({ portal, page }) => {
      portal.world.sessions = [
        { ...running(1), phase: "stopped", endedAt: "2026-11-20T09:00:00Z", reason: "user" },
        { ...running(9), myAccess: "admin" },
      ];
      await page.goto(`${portal.url}/sessions/${idOf(1)}/open`);
      await page.getByText("It cannot be opened: Stopped").waitFor();
      await page.goto(`${portal.url}/sessions/${idOf(9)}/open`);
      await page.getByText("You may not enter this session").waitFor();
      assert.equal(portal.calls("openSession").length, 0);
    },
  ],
];
