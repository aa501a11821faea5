import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launchBrowser, personAt, picture } from "./support/browser.ts";
import { journey } from "./support/journey.ts";
import { logIn } from "./support/person.ts";
import { type RunningPortal, removePortal, startPortal } from "./support/portal.ts";
import { startedSession } from "./support/sessions.ts";
import { demandAccessibleInBoth, logInAs, newTab } from "./support/steps.ts";
import { until } from "./support/until.ts";

/** The owner and another person, each at a browser of her own: let in by a link, seen, given another role, let out, and asking. */
const patience = 60_000;

let portal: RunningPortal;
let browser: Browser;
let owner: Page;
let other: Page;
let otherContext: BrowserContext;
let inside: Page;
let session = "";
let link = "";
/** Every address that the other browser asked anybody for. */
const asked: string[] = [];
const step = journey("sharing", () => browser);
const here = () => owner.getByRole("region", { name: "Here now" });

before(async () => {
  [portal, browser] = await Promise.all([startPortal(), launchBrowser()]);
  const pi = await logIn(portal.url, "pi");
  session = await startedSession(pi);
  owner = await pageOf(await personAt(browser));
  otherContext = await personAt(browser);
  otherContext.on("request", (request) => asked.push(`${request.url()} ${request.postData() ?? ""}`));
  other = await pageOf(otherContext);
  await logInAs(owner, portal.url, "pi");
});

after(async () => {
  await browser?.close();
  if (portal !== undefined) await removePortal(portal);
});

async function pageOf(context: BrowserContext): Promise<Page> {
  context.setDefaultTimeout(patience);
  return context.newPage();
}

step("R83 the owner makes a link; the dialogue says what a member can do, and a viewer", async () => {
  await owner.goto(`${portal.url}/sessions/${session}`);
  await here().getByText("Nobody is inside.").waitFor();
  await owner.getByRole("button", { name: "More" }).click();
  await owner.getByRole("menuitem", { name: "Share" }).click();
  const dialog = owner.getByRole("dialog");
  await dialog.getByText("submit jobs in your name").waitFor();
  await dialog.getByText("A viewer may only look.").waitFor();
  await dialog.getByLabel("Lets in as").selectOption({ label: "Member" });
  await dialog.getByRole("button", { name: "Make a link" }).click();
  link = await dialog.getByLabel("Link", { exact: true }).inputValue();
  assert.match(link, /\/join#[\w-]{43}$/);
  await demandAccessibleInBoth(owner);
  await picture(owner, "share", 1100);
  await owner.keyboard.press("Escape");
});

step(
  "R1 R83 another person opens it, logs in on the way, and joins; no server saw the secret in an address",
  async () => {
    await other.goto(link);
    await other.getByRole("heading", { name: "Log in for development" }).waitFor();
    await other.locator('button[value="member"]').click();
    await other.getByRole("heading", { name: "Join a session" }).waitFor();
    assert.equal(new URL(other.url()).hash, "");
    await demandAccessibleInBoth(other);
    await other.getByRole("button", { name: "Join" }).click();
    await other.getByText("You work in it as").waitFor();
    const [, secret = ""] = link.split("#");
    const withSecret = asked.filter((line) => line.includes(secret));
    assert.deepEqual(
      withSecret.map((line) => line.split(" ", 1)[0]),
      [`${portal.url}/api/v1/join`],
    );
    assert.equal(withSecret[0]?.split(" ", 1)[0]?.includes(secret), false);
  },
);

step("R81 once she is inside, the owner sees it on the session's page by itself", async () => {
  inside = await newTab(otherContext, () => other.getByRole("link", { name: /^Open/ }).click());
  await inside
    .locator(".jp-NotebookPanel .jp-Cell")
    .first()
    .waitFor({ timeout: 2 * patience });
  await here().getByText("Member, since").waitFor();
  await other.getByRole("region", { name: "Here now" }).getByText("(you)").waitFor();
  await demandAccessibleInBoth(owner);
  await picture(owner, "session-shared", 1000);
});

step(
  "R82 the owner takes the keyboard back with one click: what the other has open is cut, and says why",
  async () => {
    await here()
      .getByRole("button", { name: /^Take the keyboard back/ })
      .click();
    const clicked = performance.now();
    await until("the session's page to be refused", async () => (await statusInside()) === 403);
    console.log(`figure: refused ${Math.round(performance.now() - clicked)} ms after the click`);
    await other.getByText("You may look at it, and change nothing.").waitFor();
    await inside.reload();
    await inside.getByRole("heading", { name: "Your role in this session has changed" }).waitFor();
    await inside.getByText("you may look, and change nothing").waitFor();
    await demandAccessibleInBoth(inside);
  },
);

step("R82 she asks for the keyboard; the owner sees it wherever she is, and says yes", async () => {
  await other.getByRole("button", { name: "Ask for the keyboard" }).click();
  await other.getByLabel(/^Why/).fill("one more fit");
  await owner.getByRole("link", { name: "Environments", exact: true }).click();
  await other.getByRole("button", { name: "Ask to join" }).click();
  const request = owner.getByRole("region", { name: /^Request of/ });
  await request.getByText("one more fit").waitFor();
  await demandAccessibleInBoth(owner);
  await request.getByRole("button", { name: "Let in" }).click();
  await request.waitFor({ state: "detached" });
  await other.getByText("You work in it as").waitFor();
  await other.getByRole("alert").filter({ hasText: "You are let into" }).waitFor();
});

step("R83 the owner lets her out: she is told on the portal's page and on the session's own", async () => {
  await inside.close();
  inside = await newTab(otherContext, () => other.getByRole("link", { name: /^Open/ }).click());
  await inside
    .locator(".jp-NotebookPanel .jp-Cell")
    .first()
    .waitFor({ timeout: 2 * patience });
  await owner.goto(`${portal.url}/sessions/${session}`);
  await owner.getByRole("button", { name: "More" }).click();
  await owner.getByRole("menuitem", { name: "Share" }).click();
  await owner
    .getByRole("dialog")
    .getByRole("button", { name: /^Remove/ })
    .click();
  await other.getByText("You are let into this session no longer").waitFor();
  await inside.reload();
  await inside.getByRole("heading", { name: "You are let into this session no longer" }).waitFor();
  await demandAccessibleInBoth(inside);
  await other.goto(link);
  await other.getByRole("button", { name: "Join" }).click();
  await other.getByText("its owner took back what you were let in by").waitFor();
});

step(
  "R19 R83 a stranger with the link is refused, told what to do, and nothing of what is inside",
  async () => {
    const stranger = await pageOf(await personAt(browser));
    await logInAs(stranger, portal.url, "other");
    await stranger.goto(link);
    await stranger.getByRole("button", { name: "Join" }).click();
    await stranger.getByText("the principal investigator can add you to the team").waitFor();
    assert.doesNotMatch((await stranger.locator("main").textContent()) ?? "", /MgB2|lrmecs|ipns/i);
  },
);

step("R119 all of it is in the session's record", async () => {
  await owner.goto(`${portal.url}/sessions/${session}`);
  const record = owner.getByRole("region", { name: "Record" });
  await record.getByRole("button", { name: "Show" }).click();
  for (const words of [
    "pi made a link as member",
    "member came by a link",
    "member entered as member",
    "pi made member a viewer",
    "pi said yes to member",
    "pi let member out",
    "other was refused at a link",
  ])
    await record.getByText(words).first().waitFor();
  await demandAccessibleInBoth(owner);
  await picture(owner, "session-record", 1200);
});

/** What the session's origin answers to the browser that is inside. */
function statusInside(): Promise<number> {
  return inside.evaluate(async () => (await fetch("/api/status", { cache: "no-store" })).status);
}
