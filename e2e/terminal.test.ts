import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launchBrowser, personAt, picture } from "./support/browser.ts";
import { journey } from "./support/journey.ts";
import { type RunningPortal, removePortal, startPortal } from "./support/portal.ts";
import { demandAccessibleInBoth, logInAs, newTab } from "./support/steps.ts";
import { TerminalPage } from "./support/terminal-page.ts";
import { until } from "./support/until.ts";

/** A terminal beside a dataset: from its start to the end of its shell, in a real browser on a real portal. */
const patience = 60_000;
const proposal = "ipns-2001-mgb2";
const dataset = "lrmecs-3701-mgb2-8k";

let portal: RunningPortal;
let browser: Browser;
let pi: BrowserContext;
let page: Page;
let terminal: TerminalPage;
const step = journey("terminal", () => browser);

before(async () => {
  [portal, browser] = await Promise.all([startPortal(), launchBrowser()]);
  pi = await personAt(browser);
  pi.setDefaultTimeout(patience);
  await pi.grantPermissions(["clipboard-read", "clipboard-write"]);
  page = await pi.newPage();
  await logInAs(page, portal.url, "pi");
});

after(async () => {
  await browser?.close();
  if (portal !== undefined) await removePortal(portal);
});

const open = async () => {
  const opened = new TerminalPage(await newTab(pi, () => page.getByRole("link", { name: /^Open/ }).click()));
  await opened.connected();
  return opened;
};

step("R11 R20 R59 a terminal is offered after the notebooks that suit, and starts like one", async () => {
  await page.goto(`${portal.url}/datasets/${dataset}`);
  const options = page.getByRole("group", { name: "Environment" }).getByRole("radio");
  await options.first().waitFor();
  const offered = await options.evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value));
  assert.deepEqual(offered.slice(0, 3), ["tof-spectroscopy", "nexus", "terminal"]);
  await page.getByRole("radio", { name: /^Terminal.*a shell beside the data/ }).check();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.waitForURL(/\/sessions\/s-/);
  const timeline = page.getByRole("list", { name: "Timeline" });
  await timeline.getByRole("listitem").filter({ hasText: "Terminal answers" }).waitFor();
  await demandAccessibleInBoth(page);
});

step("R23 R42 R58 R60 Open leads to a shell with the data, the results and the software", async () => {
  terminal = await open();
  await terminal.shows(`/data/${dataset}  (`);
  await terminal.shows("$");
  await terminal.run("ls /data", new RegExp(`^${dataset}$`, "m"));
  await terminal.run("touch /data/mine", /cannot touch '\/data\/mine': Read-only file system/);
  const count = `import h5py, glob; print(sum(map(h5py.is_hdf5, glob.glob('/data/${dataset}/*'))), 'of HDF5')`;
  await terminal.run(`python -c "${count}"`, /^1 of HDF5$/m);
  await terminal.run("echo from the shell | tee /results/note.txt", /^from the shell$/m);
  const note = join(portal.state, "results/proposals", proposal, "note.txt");
  assert.equal(readFileSync(note, "utf8"), "from the shell\n");
});

step(
  "its page is on the session's own origin under a strict policy, and accessible in bright and dark",
  async () => {
    const { hostname } = new URL(terminal.page.url());
    assert.match(hostname, /^[a-z2-7]{26}\.localhost$/);
    const policy = await terminal.page.evaluate(async () => {
      return (await fetch(location.href)).headers.get("content-security-policy");
    });
    assert.match(policy ?? "", /default-src 'none'; script-src 'self';.*frame-ancestors 'self'/s);
    await terminal.run("ls --color=always /usr | head -4; clear", "$");
    await terminal.run("ls -l --color=always /", "results");
    await demandAccessibleInBoth(terminal.page);
    await picture(terminal.page, "terminal");
    await terminal.page.emulateMedia({ colorScheme: "dark" });
    await terminal.page.waitForTimeout(300);
    await picture(terminal.page, "terminal-dark");
    await terminal.page.emulateMedia({ colorScheme: "light" });
  },
);

step(
  "by keyboard alone: out of the terminal, larger letters, and back; a screen reader is told the lines",
  async () => {
    const { page } = terminal;
    const focused = () =>
      page.evaluate(() => document.activeElement?.id || document.activeElement?.className);
    await page.keyboard.press("Shift+F6");
    assert.equal(await focused(), "smaller");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Screen reader", pressed: true }).waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await focused(), "xterm-helper-textarea");
    await terminal.type("echo spo''ken");
    await page
      .getByRole("listitem")
      .filter({ hasText: /^spoken$/ })
      .waitFor();
    await page.getByRole("button", { name: "Screen reader" }).click();
    await page.keyboard.press("Escape");
  },
);

step(
  "the shell has the window's size, also when that changes; what is selected is copied, and pasted whole",
  async () => {
    const { page } = terminal;
    const [rows = 0, columns = 0] = await terminal.size();
    await page.setViewportSize({ width: 800, height: 500 });
    const [fewer, narrower = columns] = await until("another size", async () => {
      const size = await terminal.size();
      return size[0] !== rows && size;
    });
    assert.ok(narrower < columns, `${narrower} columns after ${columns}`);
    assert.equal(await page.locator(".xterm-rows > div").count(), fewer);
    await terminal.run("clear; echo copi''ed", /^copied$/m);
    await terminal.selectFirstWordOf(/^copied/);
    await page.keyboard.press("Control+Shift+C");
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "copied");
    await page.evaluate(() => navigator.clipboard.writeText("one\ntwo\n"));
    await page.keyboard.press("Control+Shift+V");
    // Bracketed: bash waits for Enter however many lines there are.
    await terminal.shows(/one\n.*two/);
    await page.keyboard.press("Control+C");
    await page.setViewportSize({ width: 1280, height: 800 });
  },
);

step("R22 a second tab shows the same shell, and after a reload the screen is there again", async () => {
  await terminal.run("kept=42; echo here since be''fore", "here since before");
  const other = await open();
  await other.shows("here since before");
  await other.run("echo from the ot''her", "from the other");
  await terminal.shows("from the other");
  await other.page.close();
  await terminal.page.reload();
  await terminal.connected();
  await terminal.shows("from the other");
  await terminal.run("echo still $kept", "still 42");
});

step("a program with the whole screen is whole again after a reload", async () => {
  await terminal.type("seq 1 5000 > numbers; less numbers");
  await terminal.shows(/^1\n2\n3$/m);
  await terminal.page.keyboard.press("Space");
  const before = await terminal.shows(/^60$/m);
  await terminal.page.reload();
  await terminal.connected();
  assert.equal(await terminal.shows(/^60$/m), before);
  await terminal.page.keyboard.press("q");
  await terminal.run("echo back at the pro''mpt", "back at the prompt");
});

step("a flood takes neither the page nor Ctrl-C away", async () => {
  await terminal.type("yes flooding");
  await terminal.shows(/(flooding\n){20}/);
  await terminal.page.keyboard.press("Control+C");
  await terminal.run("clear; echo qu''iet", /^quiet$/m);
});

step(
  "R22 R113 the portal is killed and started again: the page says so, and the shell never notices",
  async () => {
    await terminal.type("sleep 2; echo meanwhile > /tmp/meanwhile");
    await portal.kill();
    await terminal.page.getByRole("status").filter({ hasText: "Trying again" }).waitFor();
    await portal.start();
    await terminal.connected();
    await terminal.run("clear; cat /tmp/meanwhile; echo $kept", /^meanwhile\n42$/m);
  },
);

step("the shell's end is the session's: its page says so, and the portal why", async () => {
  await terminal.type("exit");
  await terminal.page
    .getByRole("heading", { name: "The shell has ended, and the session with it." })
    .waitFor();
  await demandAccessibleInBoth(terminal.page);
  await page.reload();
  await page.getByText("This session has ended").waitFor();
  await page.getByText("It ended by itself").waitFor();
  await terminal.page.getByRole("button", { name: "See what can be done now" }).click();
  await terminal.page.getByRole("link", { name: /in the portal/ }).waitFor();
});

step("R20 she stops one from the portal: its page says that it ends", async () => {
  await page.getByRole("button", { name: "Start again" }).click();
  await page.getByRole("status").filter({ hasText: "Running" }).waitFor();
  terminal = await open();
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Stop the session" }).click();
  await terminal.page.getByRole("heading", { name: /being ended|ended/ }).waitFor();
  await page.getByText("Its owner stopped it.").waitFor();
});
