import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launchBrowser, personAt } from "./support/browser.ts";
import { endstationCommands } from "./support/documented.ts";
import { journey } from "./support/journey.ts";
import { logIn, type Person } from "./support/person.ts";
import { type RunningPortal, removePortal, startPortal } from "./support/portal.ts";
import { demandAccessibleInBoth, logInAs } from "./support/steps.ts";
import { Terminal } from "./support/terminal.ts";
import { until } from "./support/until.ts";

/** What runs while nobody looks, on a real portal: from the browser, and as docs/batch.md says from a terminal. */
const patience = 90_000;
const proposal = "ipns-2001-mgb2";
const dataset = "lrmecs-3701-mgb2-8k";

let portal: RunningPortal;
let browser: Browser;
let page: Page;
let pi: Person;
let terminal: Terminal;
let latest = "";
const step = journey("batch", () => browser);
const results = (...path: string[]) => join(portal.state, "results/proposals", proposal, "pi", ...path);

before(async () => {
  [portal, browser] = await Promise.all([startPortal(), launchBrowser()]);
  const context = await personAt(browser);
  context.setDefaultTimeout(patience);
  page = await context.newPage();
  await logInAs(page, portal.url, "pi");
  pi = await logIn(portal.url, "pi");
  const { token } = await pi.call("makeToken", { body: { name: "batch", scopes: ["read", "sessions"] } });
  terminal = new Terminal({ ENDSTATION_URL: portal.url, ENDSTATION_TOKEN: token });
});

after(async () => {
  terminal?.close();
  await browser?.close();
  if (portal !== undefined) await removePortal(portal);
});

step(
  "R31 R73 a notebook is chosen on a dataset's page, runs without being opened, and its log is seen while it does",
  async () => {
    await page.goto(`${portal.url}/datasets/${dataset}`);
    await page.getByRole("link", { name: "Run a notebook without opening it" }).click();
    await page.getByLabel("Step in Q (1/angstrom)").fill("0.25");
    await demandAccessibleInBoth(page);
    await page.getByRole("button", { name: "Run it" }).click();
    await page.waitForURL(/\/sessions\/s-/);
    const log = page.getByRole("log");
    await log.getByText(/cell \d+ of \d+/).waitFor();
    assert.equal(await page.getByText("This session has ended").count(), 0, "the log is seen while it runs");
    await page.getByText("It completed.").waitFor();
    await log.getByText(/all \d+ cells ran/).waitFor();
    await demandAccessibleInBoth(page);
  },
);

step(
  "R60 R73 its results and the notebook as it ran lie on the facility's disk, with its parameter",
  async () => {
    const folder = results(`${dataset}-reduce-to-s-q-e`);
    const names = readdirSync(folder);
    const kept = names.find((name) => /^reduce-to-s-q-e-\d{4}-\d\d-\d\dT\d{6}Z\.ipynb$/.test(name));
    assert.ok(names.includes("figures-of-merit.json"), names.join(" "));
    const text = readFileSync(join(folder, kept ?? ""), "utf8");
    assert.match(text, /q_step = 0\.25/);
    assert.match(text, /image\/png/);
  },
);

step("R26 R31 that it ended is told behind the bell", async () => {
  await page.goto(portal.url);
  await page.getByRole("link", { name: "Notices, 1 new" }).click();
  await page.getByText("It completed.").waitFor();
  await page.getByRole("button", { name: "Mark all as read" }).click();
  await page.getByRole("link", { name: "Notices", exact: true }).waitFor();
});

step("R31 R53 the block of docs/batch.md does what it says", async () => {
  const commands = endstationCommands("docs/batch.md");
  assert.deepEqual(
    commands.map(([name]) => name),
    ["submit", "submit", "logs", "submit", "list"],
  );
  for (const line of commands) {
    const words = line.map((word) => word.replace(/^s-[a-z0-9]{20}$/, latest));
    const ran = await terminal.run(...words);
    assert.equal(ran.code, 0, `${words.join(" ")}: ${ran.err}${ran.out}`);
    latest = /s-[a-z0-9]{20}/.exec(ran.out)?.[0] ?? latest;
  }
  const [found] = readdirSync(results()).filter((name) => name.startsWith(`${dataset}-s-`));
  const largest = JSON.parse(readFileSync(results(found ?? "", "found.json"), "utf8")) as object;
  assert.ok(Object.keys(largest).length > 3);
});

step(
  "R31 the log of a program is followed live, a failure is told by the exit code, and a stop ends it",
  async () => {
    const script = join(terminal.settings, "count.py");
    writeFileSync(script, "import time\nfor n in range(600):\n    print('tick', n)\n    time.sleep(0.5)\n");
    const submitted = await terminal.run("submit", "nexus", "--script", script);
    const id = /s-[a-z0-9]{20}/.exec(submitted.out)?.[0] ?? assert.fail(submitted.err);
    const follows = terminal.start(["logs", id, "--follow"]);
    let said = "";
    follows.child.stdout?.on("data", (text: string) => {
      said += text;
    });
    await until("the log, live", async () => said.includes("tick 2"));
    assert.equal((await pi.call("getSession", { id })).phase, "running");
    assert.equal((await terminal.run("stop", id, "--wait")).code, 0);
    assert.equal((await follows.ended).code, 0);
    writeFileSync(script, "#!/bin/sh\necho it does not work\nexit 7\n");
    const failed = await terminal.run("submit", "nexus", "--script", script, "--wait");
    assert.equal(failed.code, 1);
    assert.match(failed.err, /exit-code: .*exit code 7/);
  },
);

step(
  "R22 R31 the portal is killed and started again: a batch session goes on, and its end is told",
  async () => {
    const job = { script: "import time\ntime.sleep(6)\nprint('done')\n" };
    const { id } = await pi.call("startSession", { body: { environment: "nexus", job } });
    await until("it to run", async () => (await pi.call("getSession", { id })).phase === "running");
    await portal.kill();
    await portal.start();
    await until("its end", async () => (await pi.call("getSession", { id })).reason === "completed");
    assert.match((await pi.call("getSessionLog", { id })).text, /done/);
  },
);
