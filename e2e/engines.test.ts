import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { engine } from "../packages/server/src/testing/engines.ts";
import { batchSteps, submitSteps } from "./engines/batch-steps.ts";
import { dockerPortal } from "./engines/docker.ts";
import type { EnginePortal } from "./engines/engine-portal.ts";
import { kubernetesPortal } from "./engines/kubernetes.ts";
import { slurmPortal } from "./engines/slurm.ts";
import { launchBrowser, personAt } from "./support/browser.ts";
import { journey } from "./support/journey.ts";
import { demandNoErrors, Lab } from "./support/jupyterlab.ts";
import { freePort, portalOn, type RunningPortal, removePortal, stateFolder } from "./support/portal.ts";
import { logInAs, newTab } from "./support/steps.ts";
import { until } from "./support/until.ts";

/** The journeys of a person — dataset, notebook, a cell on the data, stop; and a job — with nothing but the engine exchanged. */
const proposal = "ipns-2001-mgb2";
const dataset = "lrmecs-3701-mgb2-8k";
const notebook = "look-at-a-file.ipynb";

journeyOn("docker", dockerPortal);
journeyOn("slurm", slurmPortal);
journeyOn("kubernetes", kubernetesPortal);

function journeyOn<Name extends "docker" | "slurm" | "kubernetes">(
  name: Name,
  portalFor: (
    found: Extract<ReturnType<typeof engine<Name>>, { settings: unknown }>["settings"],
  ) => EnginePortal,
): void {
  const found = engine(name);
  if ("reason" in found) {
    describe(`a session on ${name}`, { skip: found.reason }, () => {});
    return;
  }
  describe(`a session on ${name}`, () => steps(name, portalFor(found.settings)));
}

function steps(name: string, enginePortal: EnginePortal): void {
  let portal: RunningPortal;
  let browser: Browser;
  let pi: BrowserContext;
  let page: Page;
  let lab: Lab;
  const step = journey(`engine-${name}`, () => browser);

  before(async () => {
    const state = await stateFolder();
    const file = join(state, "endstation.yaml");
    await writeFile(file, await enginePortal.config(state));
    portal = portalOn(await freePort(), state, ["--state", state, "--config", file]);
    [, browser] = await Promise.all([portal.start(), launchBrowser()]);
    pi = await personAt(browser);
    pi.setDefaultTimeout(120_000);
    page = await pi.newPage();
  });

  after(async () => {
    await browser?.close();
    if (portal !== undefined) await removePortal(portal);
    await enginePortal.undo();
  });

  step(`R20 R31 R38 from the dataset one click starts it on ${name}`, async () => {
    await logInAs(page, portal.url, "pi");
    await page.goto(`${portal.url}/datasets/${dataset}`);
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.waitForURL(/\/sessions\/s-/);
    const timeline = page.getByRole("list", { name: "Timeline" });
    for (const stage of ["Accepted", "Placed", "Jupyter answers"])
      await timeline.getByRole("listitem").filter({ hasText: stage }).waitFor();
    await page.getByText(new RegExp(`^${name}: starts at once`)).waitFor();
  });

  step("R21 R58 JupyterLab opens with the template notebook and the data's path in it", async () => {
    lab = new Lab(await newTab(pi, () => page.getByRole("link", { name: /^Open/ }).click()));
    await lab.ready();
    const filled = (await lab.cells()).find((text) => text.includes("# Filled in for this session"));
    assert.match(filled ?? "", new RegExp(`data_path = '/data/${dataset}'`));
  });

  step(
    "R42 R60 its cells run on the data; the results lie on the facility's disk, the data are as they were",
    async () => {
      await lab.runAll();
      const results = join(portal.state, "results/proposals", proposal);
      const picture = join(results, "pi", `${dataset}-look-at-a-file`, "chopper.png");
      await until("the picture", async () => existsSync(picture), 180_000);
      const ran = (cells: readonly { outputs?: readonly unknown[] }[]) =>
        cells.filter(({ outputs = [] }) => outputs.length > 0).length >= 3;
      const cells = await lab.save(join(portal.state, "homes/pi", notebook), ran);
      demandNoErrors(cells);
      assert.match(await lab.run(`!touch /data/${dataset}/mine`), /Read-only file system|Permission denied/);
      assert.match(await lab.run("!echo kept > /results/kept.txt; cat /results/kept.txt"), /kept/);
      const kept = join(results, "kept.txt");
      await until("the result", async () => existsSync(kept));
      assert.equal(readFileSync(kept, "utf8"), "kept\n");
      assert.notEqual(statSync(kept).uid, 0);
    },
  );

  step("R22 the portal is killed and started again: the kernel never notices", async () => {
    await lab.run("kept = 42");
    await portal.kill();
    await portal.start();
    await page.reload();
    await page.getByRole("status").filter({ hasText: "Running" }).waitFor();
    assert.equal(await lab.run("kept += 1; print(kept)"), "43");
  });

  const scene = () => ({ name, portal, page, lab, proposal, dataset });
  submitSteps(step, scene);

  step("she stops it, and its page says so", async () => {
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Stop the session" }).click();
    await page.getByText("Its owner stopped it.").waitFor();
  });

  batchSteps(step, scene);
}
