import assert from "node:assert/strict";
import { Refusal } from "../portal/calls.ts";
import { idOf, ofAnother, running } from "../portal/fixtures/sessions.ts";
import { links, present, requestToMe, shares } from "../portal/fixtures/sharing.ts";
import type { Journey } from "./journey.ts";
import { streaming, until } from "./live-journeys.ts";

const atRunning = `/sessions/${idOf(1)}`;
const atAnother = `/sessions/${idOf(8)}`;
const notAllowed = () => {
  throw new Refusal(403, "not-allowed", "You may see this but not do that", "a session of member");
};

/** How others are let into a session, and what they see of it. */
export const sharingJourneys: readonly Journey[] = [
  [
    "R83 a link's secret leaves the address before anything is asked, waits across the log-in, and is posted when she says so",
    async ({ portal, page }) => {
      portal.world.sessions = [running()];
      portal.world.me = null;
      const asked: string[] = [];
      page.on("request", (request) => asked.push(`${request.url()} ${request.headers()["referer"] ?? ""}`));
      await page.goto(`${portal.url}/join#good`);
      await page.waitForURL(/\/auth\/login/);
      assert.equal(new URL(page.url()).searchParams.get("returnTo"), "/join");
      portal.world.me = { ...(await import("../portal/fixtures/people.ts")).pi };
      await page.goto(`${portal.url}/join`);
      await page.getByText("You join it as Principal investigator (pi).").waitFor();
      assert.equal(portal.calls("joinByLink").length, 0);
      await page.getByRole("button", { name: "Join" }).click();
      await page.waitForURL((url) => url.pathname === atRunning);
      assert.deepEqual(portal.calls("joinByLink")[0]?.body, { secret: "good" });
      assert.deepEqual(
        asked.filter((line) => line.includes("good")),
        [],
      );
      await page.goto(`${portal.url}/join`);
      await page.getByText("This is not a whole link").waitFor();
    },
  ],
  [
    "R83 the owner makes a link, sees who came by it, and revokes it with or without what it gave",
    async ({ portal, page }) => {
      portal.world.sessions = [running()];
      portal.world.shares.set(idOf(1), shares());
      portal.world.links = links();
      await page.goto(`${portal.url}${atRunning}`);
      await page.getByRole("button", { name: "More" }).click();
      await page.getByRole("menuitem", { name: "Share" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText("1 of 5 came by it").waitFor();
      await dialog.getByLabel("Most people").fill("3");
      await dialog.getByRole("button", { name: "Make a link" }).click();
      await dialog.getByText("Copy it now: it is shown this once").waitFor();
      assert.match(await dialog.getByLabel("Link", { exact: true }).inputValue(), /\/join#s{43}$/);
      assert.deepEqual(portal.calls("makeLink")[0]?.body, { as: "viewer", hours: 24, mostUses: 3 });
      await dialog
        .getByRole("button", { name: /^Revoke the link/ })
        .nth(1)
        .click();
      await dialog.getByLabel("Also let out the one who came by it").check();
      await dialog.getByRole("button", { name: "Revoke the link", exact: true }).click();
      await dialog.getByText("1 of 5 came by it").waitFor({ state: "detached" });
      assert.deepEqual(
        [portal.calls("revokeLink")[0]?.params["link"], portal.calls("revokeLink")[0]?.query["shares"]],
        ["link1", true],
      );
    },
  ],
  [
    "R84 a request is shown on whichever page the owner is, as it comes, and answered there as another role for a while",
    async ({ portal, page }) => {
      await page.goto(`${portal.url}/environments`);
      await page.getByText("scippneutron").first().waitFor();
      await streaming(portal);
      portal.world.requests = [requestToMe()];
      portal.hint({ resource: "access", id: "pi", version: 0 });
      const request = page.getByRole("region", { name: "Request of Member of the experiment" });
      await request.getByText("I would try the other binning.").waitFor();
      await request.getByLabel("As").selectOption({ label: "Viewer" });
      await request.getByLabel("Until").selectOption({ label: "in an hour" });
      await request.getByRole("button", { name: "Let in" }).click();
      await request.waitFor({ state: "detached" });
      const {
        answer,
        as,
        until: end,
      } = (portal.calls("answerRequest")[0]?.body ?? {}) as Record<string, string>;
      assert.deepEqual([answer, as], ["yes", "viewer"]);
      assert.ok(Date.parse(end ?? "") < Date.now() + 3_700_000);
    },
  ],
  [
    "R84 who may know of a session asks on its page, can withdraw, sees the answer as it comes, and is let in by it",
    async ({ portal, page }) => {
      portal.world.sessions = [ofAnother()];
      portal.answer("getSession", notAllowed);
      await page.goto(`${portal.url}${atAnother}`);
      await page.getByLabel("Why (her owner reads it)").fill("to see the fit");
      const before = portal.calls("getSession").length;
      await until(() => portal.calls("getSession").length > before);
      await page.getByRole("button", { name: "Ask to join" }).click();
      await page.getByRole("button", { name: "Withdraw" }).click();
      await page.getByRole("button", { name: "Ask to join" }).click();
      await page.getByText("You have asked to be let in").waitFor();
      assert.deepEqual(portal.calls("askToJoin")[0]?.body, { as: "viewer", reason: "to see the fit" });
      await streaming(portal);
      portal.asBefore("getSession");
      portal.world.sessions = [{ ...running(8), myAccess: "viewer" }];
      portal.world.requests = portal.world.requests.map((one) =>
        one.state === "open" ? { ...one, state: "accepted", answeredAt: new Date().toISOString() } : one,
      );
      portal.hint({ resource: "access", id: "pi", version: 0 });
      await page.getByText("You may look at it, and change nothing.").waitFor();
      await page.getByRole("alert").filter({ hasText: "You are let into" }).waitFor();
    },
  ],
  [
    "R86 support must say why, and is told that it is recorded",
    async ({ portal, page }) => {
      portal.world.me = { ...(portal.world.me as NonNullable<typeof portal.world.me>), roles: ["support"] };
      portal.world.sessions = [ofAnother()];
      portal.answer("getSession", notAllowed);
      await page.goto(`${portal.url}${atAnother}`);
      await page.getByText("What you write is recorded.").waitFor();
      await page.getByRole("button", { name: "Ask to join" }).click();
      assert.equal(portal.calls("askToJoin").length, 0);
      await page.getByLabel("Why").fill("ticket 42");
      await page.getByRole("button", { name: "Ask to join" }).click();
      await page.getByText("You have asked to be let in").waitFor();
      assert.deepEqual(portal.calls("askToJoin")[0]?.body, { as: "support", reason: "ticket 42" });
    },
  ],
  [
    "R81 R82 who is inside is shown as they come; one click hands the keyboard over, and one takes it back",
    async ({ portal, page }) => {
      portal.world.sessions = [running()];
      portal.world.shares.set(idOf(1), shares());
      await page.goto(`${portal.url}${atRunning}`);
      const here = page.getByRole("region", { name: "Here now" });
      await here.getByText("Nobody is inside.").waitFor();
      await streaming(portal);
      portal.world.present = present();
      portal.hint({ resource: "presence", id: idOf(1), version: 0 });
      await here.getByText("Viewer, since").waitFor();
      await here.getByRole("button", { name: "Hand over the keyboard to Member of the experiment" }).click();
      await here.getByText("Member, since").waitFor();
      await page
        .getByRole("status")
        .filter({ hasText: "has the keyboard now" })
        .waitFor({ state: "attached" });
      await here
        .getByRole("button", { name: "Take the keyboard back from Member of the experiment" })
        .click();
      await here.getByText("Viewer, since").waitFor();
      assert.deepEqual(
        portal.calls("handOver").map(({ body }) => (body as { as: string }).as),
        ["member", "viewer"],
      );
    },
  ],
  [
    "R83 who is let out while she looks at its page is told so at once",
    async ({ portal, page }) => {
      portal.world.sessions = [{ ...running(1), myAccess: "member" }];
      await page.goto(`${portal.url}${atRunning}`);
      await page.getByText("You work in it as Principal investigator").waitFor();
      await streaming(portal);
      portal.world.sessions = [];
      portal.hint({ resource: "access", id: "pi", version: 0 });
      await page.getByText("You are let into this session no longer").waitFor();
      await until(() => portal.calls("getSession").length >= 2);
      assert.equal(await page.getByRole("link", { name: /^Open/ }).count(), 0);
    },
  ],
];
