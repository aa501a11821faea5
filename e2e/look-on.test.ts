import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { waitThroughLoading } from "../packages/server/src/gateway/testing/chromium.ts";
import { launchBrowser, personAt, picture } from "./support/browser.ts";
import { journey } from "./support/journey.ts";
import { logIn, type Person } from "./support/person.ts";
import { type RunningPortal, removePortal, startPortal } from "./support/portal.ts";
import { startedSession } from "./support/sessions.ts";
import { demandAccessibleInBoth, logInAs, newTab } from "./support/steps.ts";
import { until } from "./support/until.ts";

/** Two real browsers in one notebook: the owner's, and that of one who may look, then work, then neither. */
const patience = 120_000;
const notebook = "look-at-a-file.ipynb";

let portal: RunningPortal;
let browsers: Browser[] = [];
let pi: Person;
let session = "";
let owner: Page;
let portalOfOther: Page;
let contextOfOther: BrowserContext;
let viewer: Page;
const step = journey("look-on", () => browsers[1]);
const onDisk = () => readFileSync(join(portal.state, "homes/pi", notebook), "utf8");
const cells = (page: Page) => page.locator(".jp-NotebookPanel .jp-Notebook .jp-Cell");

before(async () => {
  [portal, ...browsers] = await Promise.all([startPortal(), launchBrowser(), launchBrowser()]);
  pi = await logIn(portal.url, "pi");
  await logIn(portal.url, "member");
  session = await startedSession(pi, { environment: "nexus", datasets: ["lrmecs-3701-mgb2-8k"], notebook });
});

after(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
  if (portal !== undefined) await removePortal(portal);
});

async function atBrowser(n: number, account: string): Promise<[BrowserContext, Page]> {
  const context = await personAt(browsers[n] as Browser);
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  await logInAs(page, portal.url, account);
  await page.goto(`${portal.url}/sessions/${session}`);
  return [context, page];
}

async function share(as: "viewer" | "member"): Promise<void> {
  await pi.call("share", { id: session, body: { account: "member", as } });
}

async function open(context: BrowserContext, page: Page): Promise<Page> {
  const inside = await newTab(context, () => page.getByRole("link", { name: /^Open/ }).click());
  await waitThroughLoading(inside);
  await cells(inside).first().waitFor();
  return inside;
}

/** Writes into a cell of her own at the end. */
async function type(page: Page, text: string): Promise<void> {
  await page.locator(".jp-NotebookPanel .jp-Notebook").press("Escape");
  await cells(page).last().click();
  await page.keyboard.press("Escape");
  await page.keyboard.press("b");
  await page.keyboard.press("Enter");
  await page.keyboard.type(text);
}

step("R82 the owner shares with a viewer, who opens the notebook on an origin of her own", async () => {
  await share("viewer");
  const [context, page] = await atBrowser(0, "pi");
  owner = await open(context, page);
  [contextOfOther, portalOfOther] = await atBrowser(1, "member");
  viewer = await open(contextOfOther, portalOfOther);
  await viewer.locator("html[data-look-on=ready]").waitFor({ state: "attached" });
  await viewer.getByText("View only").waitFor();
  await viewer.getByText("a session of Principal investigator").waitFor();
  assert.notEqual(new URL(viewer.url()).origin, new URL(owner.url()).origin);
  assert.equal(await owner.locator("#look-on").count(), 0, "the script is the viewer's alone");
  await picture(viewer, "look-on");
});

step("R82 she sees what the owner types, and what it puts out", async () => {
  await type(owner, "print('from the ' + 'owner')");
  const typed = performance.now();
  await viewer.getByText("from the '").first().waitFor();
  console.log(
    `figure: the viewer sees the owner's edit ${Math.round(performance.now() - typed)} ms after it`,
  );
  await owner.keyboard.press("Shift+Enter");
  await viewer.locator(".jp-OutputArea-output", { hasText: "from the owner" }).first().waitFor();
});

step("R82 she can change nothing: by keyboard, by menu, by script", async () => {
  const before = onDisk();
  await cells(viewer).last().click();
  await viewer.keyboard.type("by the viewer");
  for (const key of ["Escape", "b", "a", "d", "d", "Shift+Enter", "Control+s"])
    await viewer.keyboard.press(key);
  assert.equal(await viewer.getByRole("menuitem", { name: "File", exact: true }).count(), 0);
  const results = (await viewer.evaluate(attempts)) as { requests: number[]; lines: string[] };
  assert.deepEqual([...new Set(results.requests)], [403]);
  assert.deepEqual(results.lines, ["refused", "refused"], "a terminal, the real kernel");
  await type(owner, "# the owner goes on");
  await viewer.getByText("# the owner goes on").first().waitFor();
  await until("the owner's edit on the disk", async () => onDisk().includes("the owner goes on"));
  assert.equal(onDisk().includes("by the viewer"), false);
  assert.ok(onDisk() !== before);
  assert.equal(await owner.getByText("by the viewer").count(), 0);
});

const attempts = `(async () => {
  const headers = { "X-XSRFToken": "x", "Content-Type": "application/json" };
  const ask = (method, path, body) => fetch(path, { method, headers, body: JSON.stringify(body ?? {}) }).then(({ status }) => status);
  const content = { type: "file", format: "text", content: "by the viewer" };
  const line = (path, first) => new Promise((done) => {
    const socket = new WebSocket(location.origin.replace("http", "ws") + path);
    socket.onopen = () => { socket.send(first); done("open"); };
    socket.onerror = () => done("refused");
  });
  const [widget] = [...window.jupyterapp.shell.widgets("main")];
  widget.content.model.sharedModel.insertCell(0, { cell_type: "code", source: "by the viewer" });
  await widget.context.save().catch(() => {});
  return {
    requests: await Promise.all([
      ask("PUT", "/api/contents/look-at-a-file.ipynb", content), ask("PUT", "/api/contents/new.txt", content),
      ask("DELETE", "/api/contents/look-at-a-file.ipynb"), ask("POST", "/api/kernels", { name: "python3" }),
      ask("POST", "/api/terminals"), ask("GET", "/files/look-at-a-file.ipynb").catch(() => 403),
    ]),
    lines: await Promise.all([line("/terminals/websocket/1", '["stdin","touch /home/user/x\\\\n"]'), line("/api/kernels/00000000-0000-0000-0000-000000000000/channels", "{}")]),
  };
})()`;

step("R22 R82 the portal is killed and started again: she goes on looking by herself", async () => {
  await portal.kill();
  await portal.start();
  await type(owner, "# after the restart");
  await viewer.getByText("# after the restart").first().waitFor();
});

step(
  "R82 R83 she is made a member: her page says so, and on the session's own origin she writes",
  async () => {
    await share("member");
    const dialog = viewer.getByRole("alertdialog");
    await dialog.getByText("Your role in this session has changed").waitFor();
    await demandAccessibleInBoth(viewer, ["#look-on", "#look-on-over"]);
    await viewer.close();
    await portalOfOther.reload();
    viewer = await open(contextOfOther, portalOfOther);
    assert.equal(new URL(viewer.url()).origin, new URL(owner.url()).origin);
    await type(viewer, "# by the member");
    await owner.getByText("# by the member").first().waitFor();
  },
);

step("R83 she loses the role: within two seconds nothing of hers is open, and the page says so", async () => {
  await pi.call("unshare", { id: session, account: "member" });
  const lost = performance.now();
  const status = () => viewer.evaluate("fetch('/api/status').then(({ status }) => status)");
  await until("the member to be refused", async () => (await status()) === 403);
  console.log(`figure: refused ${Math.round(performance.now() - lost)} ms after the role was lost`);
  await viewer.reload();
  await viewer.getByRole("heading", { name: "You are let into this session no longer" }).waitFor();
});
