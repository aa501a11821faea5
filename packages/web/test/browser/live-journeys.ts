import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { FakePortal } from "../portal/fake-portal.ts";
import { idOf, lost, running, starting } from "../portal/fixtures/sessions.ts";
import { patienceMs } from "../support/visit.ts";
import type { Journey } from "./journey.ts";

/** What changes by itself: the event stream, outages, several windows. */
export const liveJourneys: readonly Journey[] = [
  [
    "R22 each stage shows as it happens, and that a session is ready is said aloud, on whichever page one is",
    async ({ portal, page }) => {
      portal.world.sessions = [starting()];
      await page.goto(`${portal.url}/sessions/${idOf(2)}`);
      await page.getByRole("listitem").filter({ hasText: "Jupyter answers, to come" }).waitFor();
      await streaming(portal);
      await page.getByRole("link", { name: "Environments" }).click();
      await page.getByText("scippneutron").first().waitFor();
      portal.world.sessions = [running(2)];
      portal.hint({ resource: "session", id: idOf(2), version: 3 });
      await page.getByRole("status").filter({ hasText: "is ready" }).waitFor({ state: "attached" });
      await page.getByRole("link", { name: "Show the session" }).click();
      await page.getByRole("listitem").filter({ hasText: "Jupyter answers, now" }).waitFor();
    },
  ],
  [
    "a back-end that cannot be asked is told as that, and taken back when it answers",
    async ({ portal, page }) => {
      portal.world.sessions = [lost()];
      await page.goto(`${portal.url}/sessions/${idOf(6)}`);
      await page.getByText("That says nothing about the session").waitFor();
      await page.getByRole("link", { name: "Open" }).waitFor();
      await streaming(portal);
      portal.world.sessions = [{ ...lost(), contactLostSince: null }];
      portal.hint({ resource: "session", id: idOf(6), version: 9 });
      await page.getByText("That says nothing about the session").waitFor({ state: "detached" });
    },
  ],
  [
    "several windows share one event stream; when the one that holds it closes, another takes it over",
    async ({ portal, page, context }) => {
      portal.world.sessions = [starting()];
      await page.goto(`${portal.url}/sessions/${idOf(2)}`);
      await streaming(portal);
      const second = await context.newPage();
      await second.goto(`${portal.url}/sessions/${idOf(2)}`);
      await second.getByText("Jupyter answers").waitFor();
      portal.world.sessions = [{ ...starting(), name: "Renamed elsewhere" }];
      portal.hint({ resource: "session", id: idOf(2), version: 3 });
      for (const window of [page, second])
        await window.getByRole("heading", { name: "Renamed elsewhere" }).waitFor();
      assert.equal(portal.streams, 1);
      await page.close();
      await until(() => portal.streams === 1);
      portal.world.sessions = [{ ...starting(), name: "Renamed again" }];
      portal.hint({ resource: "session", id: idOf(2), version: 4 });
      await second.getByRole("heading", { name: "Renamed again" }).waitFor();
    },
  ],
  [
    "a portal that goes away is told, asked again, and everything is brought up to date when it is back",
    async ({ portal, page }) => {
      portal.world.sessions = [running()];
      await page.goto(`${portal.url}/sessions/${idOf(1)}`);
      await streaming(portal);
      const comeBack = await portal.vanish();
      await page.getByText("The portal cannot be reached at the moment").waitFor();
      assert.equal(await page.getByRole("heading", { level: 1 }).isVisible(), true);
      portal.world.sessions = [{ ...running(), name: "Renamed meanwhile" }];
      await comeBack();
      await page.getByText("The portal cannot be reached").waitFor({ state: "detached" });
      await page.getByRole("heading", { name: "Renamed meanwhile" }).waitFor();
    },
  ],
  [
    "a portal that does not answer the very first question is asked again",
    async ({ portal, page }) => {
      await page.route("**/api/v1/me", (route) => route.abort());
      await page.goto(portal.url);
      await page.getByText("The portal cannot be reached at the moment").waitFor();
      await page.unroute("**/api/v1/me");
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByText("Phonon density of states").waitFor();
    },
  ],
  [
    "whoever wants less motion sees none",
    async ({ portal, page }) => {
      portal.world.sessions = [starting()];
      await page.goto(`${portal.url}/sessions/${idOf(2)}`);
      await page.getByText("Jupyter answers").waitFor();
      assert.ok((await longestAnimation(page)) < 0.001);
    },
    { reducedMotion: "reduce" },
  ],
];

export async function streaming(portal: FakePortal): Promise<void> {
  await until(() => portal.streams > 0);
}

export async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!condition()) {
    assert.ok(Date.now() < end, "it did not come about in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function longestAnimation(page: Page): Promise<number> {
  return page.evaluate(() => {
    const spans = [...document.querySelectorAll("*")].flatMap((element) =>
      [element, "::before", "::after"].map((part) =>
        Number.parseFloat(
          getComputedStyle(element, typeof part === "string" ? part : null).animationDuration,
        ),
      ),
    );
    return Math.max(...spans.filter(Number.isFinite));
  });
}
