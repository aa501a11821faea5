import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { demandAccessible, launchBrowser, personAt, picture } from "./support/browser.ts";
import { journey } from "./support/journey.ts";
import { demandNoErrors, hasFigure, Lab } from "./support/jupyterlab.ts";
import { type RunningPortal, removePortal, startPortal } from "./support/portal.ts";
import { demandAccessibleInBoth, logInAs, newTab } from "./support/steps.ts";
import { until } from "./support/until.ts";

/** What a person lives through, from the log-in to a stopped session, in a real browser on a real portal. */
const patience = 60_000;
const proposal = "ipns-2001-mgb2";
const dataset = "lrmecs-3701-mgb2-8k";
const notebook = "reduce-to-s-q-e.ipynb";

let portal: RunningPortal;
let browser: Browser;
let pi: BrowserContext;
let page: Page;
let lab: Lab;
let session = "";
/** Where results go, inside the session. */
let results = "/results";
const step = journey("journey", () => browser);
const notebookFile = () => join(portal.state, "homes/pi", notebook);
const resultsFile = (name: string) =>
  join(portal.state, "results/proposals", proposal, results.replace(/^\/results/, ""), name);
const merit = () => resultsFile("figures-of-merit.json");

before(async () => {
  [portal, browser] = await Promise.all([startPortal(), launchBrowser()]);
  pi = await personAt(browser);
  pi.setDefaultTimeout(patience);
  page = await pi.newPage();
});

after(async () => {
  await browser?.close();
  if (portal !== undefined) await removePortal(portal);
});

step("R1 she comes to the portal, is sent to the issuer, and is back as herself", async () => {
  await page.goto(portal.url);
  await page.getByRole("link", { name: "Log in" }).waitFor();
  await demandAccessibleInBoth(page);
  await page.getByRole("link", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "Log in for development" }).waitFor();
  await demandAccessibleInBoth(page);
  await page.getByRole("button", { name: /Principal investigator/ }).click();
  await page.getByRole("heading", { name: "My experiments" }).waitFor();
  assert.equal(new URL(page.url()).origin, portal.url);
  assert.equal(page.url().includes("code="), false);
});

step(
  "R2 R3 R66 R80 her experiments, the one on LRMECS, and its dataset with all that is known of it",
  async () => {
    const card = page.getByRole("article").filter({ hasText: "LRMECS" });
    await card.getByText("IPNS").waitFor();
    await card.getByText("1 dataset").waitFor();
    await demandAccessibleInBoth(page);
    await card.getByRole("link", { name: "Phonon density of states of magnesium diboride" }).click();
    await page.getByText("inelastic neutron spectroscopy").first().waitFor();
    await demandAccessibleInBoth(page);
    await page.getByRole("link", { name: "MgB2, 43.37 g, 8 K, run 3701" }).click();
    await page.getByRole("img", { name: /colour scale|against/ }).waitFor();
    await page.getByRole("cell", { name: "incident energy" }).waitFor();
    await page
      .getByRole("link", { name: /^Download/ })
      .first()
      .waitFor();
    await page.getByText("CC-BY-4.0").first().waitFor();
    await page.getByRole("link", { name: "https://github.com/prjemian/punx" }).waitFor();
    await page.getByRole("button", { name: "Start", exact: true }).waitFor();
    await picture(page, "dataset", 870);
    await demandAccessibleInBoth(page);
  },
);

step(
  "R11 R20 R38 R59 R65 what fits the dataset comes first, with its reason; one click starts it, and the timeline tells",
  async () => {
    const options = page.getByRole("group", { name: "Environment" }).getByRole("radio");
    assert.equal(await options.first().getAttribute("value"), "tof-spectroscopy");
    assert.equal(await options.first().isChecked(), true);
    await page.getByText("made for direct-geometry time-of-flight").waitFor();
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.waitForURL(/\/sessions\/s-/);
    session = new URL(page.url()).pathname.split("/")[2] ?? "";
    const timeline = page.getByRole("list", { name: "Timeline" });
    for (const stage of ["Accepted", "Placed", "Starting", "Jupyter answers"])
      await timeline.getByRole("listitem").filter({ hasText: stage }).waitFor();
    await page.getByRole("link", { name: /^Open/ }).waitFor();
    await page.getByRole("status").filter({ hasText: "Running" }).waitFor();
    await demandAccessibleInBoth(page);
    await picture(page, "session");
  },
);

step("every other page of the portal is accessible too, with real content", async () => {
  const pages = {
    "/datasets": "Find data",
    "/sessions": "My sessions",
    "/environments": "Environments",
    "/tokens": "Access tokens",
    "/about": "About this portal",
  };
  for (const [path, title] of Object.entries(pages)) {
    await page.goto(`${portal.url}${path}`);
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
    await demandAccessibleInBoth(page);
  }
});

step(
  "R63 on her experiments and on the experiment's page it shows that one is being analysed now",
  async () => {
    await page.goto(portal.url);
    await page.getByRole("article").filter({ hasText: "LRMECS" }).getByText("1 session running").waitFor();
    await picture(page, "experiments");
    await page.emulateMedia({ colorScheme: "dark" });
    await page.waitForTimeout(300);
    await picture(page, "experiments-dark");
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto(`${portal.url}/proposals/${proposal}`);
    const now = page.getByRole("region", { name: "Running now" });
    await now.getByRole("link", { name: "MgB2, 43.37 g, 8 K, run 3701" }).first().click();
    await page.getByRole("link", { name: /^Open/ }).waitFor();
  },
);

step(
  "R21 R23 R32 R58 Open leads to JupyterLab on an origin of its own, the template in front with the data filled in",
  async () => {
    const tab = await newTab(pi, () => page.getByRole("link", { name: /^Open/ }).click());
    lab = new Lab(tab);
    await lab.ready();
    const { hostname, port, pathname, search } = new URL(tab.url());
    assert.match(hostname, /^[a-z2-7]{26}\.localhost$/);
    assert.equal(Number(port), portal.port);
    assert.equal(pathname, `/lab/tree/${notebook}`);
    assert.equal(search.includes("ticket"), false);
    await tab.getByText("# Filled in for this session").first().waitFor();
    const filled = (await lab.cells()).find((text) => text.includes("# Filled in for this session"));
    assert.match(filled ?? "", new RegExp(`data_path = '/data/${dataset}'`));
    results =
      /results_path = '(\/results[^']*)'/.exec(filled ?? "")?.[1] ?? assert.fail("no place for results");
  },
);

step(
  "R33 R42 R60 R72 Run all draws S(Q, E); the data cannot be written, results lie on the facility's disk",
  async () => {
    await lab.runAll();
    await until("the figures of merit", async () => existsSync(merit()), 180_000);
    const cells = await lab.save(notebookFile(), (found) => hasFigure(found, "S(Q, E)"));
    demandNoErrors(cells);
    await lab.page.locator(".jp-OutputArea-output img").last().waitFor();
    await lab.showFigure("5. S(Q, E)");
    await picture(lab.page, "jupyterlab");
    for (const path of ["/data/mine", `/data/${dataset}/mine`])
      assert.match(await lab.run(`!touch ${path}`), new RegExp(`'${path}': Read-only file system`));
    assert.match(
      await lab.run(`!echo from the notebook > ${results}/note.txt; cat ${results}/note.txt`),
      /from the notebook/,
    );
    assert.equal(readFileSync(resultsFile("note.txt"), "utf8"), "from the notebook\n");
  },
);

step("R22 she closes the tab and comes back: the kernel is as it was", async () => {
  await lab.run("kept = 42");
  await lab.page.close();
  lab = new Lab(await newTab(pi, () => page.getByRole("link", { name: /^Open/ }).click()));
  await lab.ready();
  assert.equal(await lab.run("print(kept)"), "42");
});

step(
  "R22 R23 R113 the portal is killed and started again: her kernel never notices, and she need not log in again",
  async () => {
    await portal.kill();
    await portal.start();
    assert.equal(await lab.run("kept += 1; print(kept)"), "43");
    await page.reload();
    await page.getByRole("status").filter({ hasText: "Running" }).waitFor();
  },
);

step(
  "R3 R19 somebody else sees nothing of it: not the experiment, not the data, not the session, not its origin",
  async () => {
    const context = await personAt(browser);
    context.setDefaultTimeout(patience);
    const theirs = await context.newPage();
    await logInAs(theirs, portal.url, "other");
    await theirs.getByText("All I may see").click();
    await theirs.getByRole("article").first().waitFor();
    assert.equal(await theirs.getByText("magnesium diboride").count(), 0);
    await theirs.goto(`${portal.url}/datasets`);
    await theirs
      .getByRole("textbox", { name: "Words" })
      .or(theirs.getByRole("searchbox", { name: "Words" }))
      .fill("MgB2");
    await theirs.getByText("No dataset matches").waitFor();
    for (const path of [
      `/proposals/${proposal}`,
      `/datasets/${dataset}`,
      `/sessions/${session}`,
      `/sessions/${session}/open`,
    ]) {
      await theirs.goto(`${portal.url}${path}`);
      await theirs
        .getByText(/Nothing here|Not found|There is no/i)
        .first()
        .waitFor();
      assert.doesNotMatch((await theirs.locator("main").textContent()) ?? "", /MgB2|magnesium/);
    }
    await demandAccessible(theirs);
    const refused = await theirs.goto(lab.page.url());
    assert.equal(refused?.status(), 404);
    await demandAccessible(theirs);
    await context.close();
  },
);

step(
  "R60 she stops it: the reason stands on its page, and the results are there in the next session",
  async () => {
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("everything in /results").waitFor();
    await demandAccessible(page);
    await dialog.getByRole("button", { name: "Stop the session" }).click();
    await page.getByText("This session has ended").waitFor();
    await page.getByText("Its owner stopped it.").waitFor();
    await demandAccessibleInBoth(page);
    await page.getByRole("button", { name: "Start again" }).click();
    await page.waitForURL((url) => url.pathname.startsWith("/sessions/") && !url.pathname.includes(session));
    lab = new Lab(await newTab(pi, () => page.getByRole("link", { name: /^Open/ }).click()));
    await lab.ready();
    assert.match(
      await lab.run(`!cat ${results}/note.txt; ls ${results}`),
      /from the notebook\s+.*figures-of-merit.json/s,
    );
  },
);

step("a session killed from outside: its page says at which stage, why, and what she can do", async () => {
  const id = new URL(page.url()).pathname.split("/")[2] ?? "";
  const folder = join(portal.state, "compute/local/sessions", `${id}.1`);
  const { pid } = JSON.parse(readFileSync(join(folder, "sandbox.json"), "utf8")) as { pid: number };
  process.kill(pid, "SIGKILL");
  const notice = page.getByRole("alert").filter({ hasText: "It failed at the stage" });
  await notice.getByText("The session was killed from outside").waitFor();
  await notice.getByText("your files are kept").waitFor();
  await notice.getByText("killed", { exact: true }).waitFor();
  await demandAccessibleInBoth(page);
  await page.getByRole("button", { name: "Start again" }).waitFor();
});
