import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { Lab } from "../support/jupyterlab.ts";
import type { RunningPortal } from "../support/portal.ts";
import { demandAccessibleInBoth } from "../support/steps.ts";

/** Where the steps are taken. */
export interface Scene {
  readonly name: string;
  readonly portal: RunningPortal;
  readonly page: Page;
  readonly lab: Lab;
  readonly proposal: string;
  readonly dataset: string;
}

type Step = (title: string, act: () => Promise<void>) => void;

const fromNotebook = `
from endstation import submit
def total(step):
    import os
    print("computing", step)
    return step * 2, sorted(os.listdir("/data"))
job = submit(total, 21, name="from the notebook")
print(job.result(timeout=290), "computing 21" in job.log(), job.phase)`;

/** In a notebook that runs on the engine: its function is computed by another session of the same engine. */
export function submitSteps(step: Step, scene: () => Scene): void {
  step("R31 R34 from inside the notebook a function is sent off, and its result comes back", async () => {
    const { lab, page, portal, name, dataset } = scene();
    assert.match(
      await lab.run(fromNotebook, 300_000),
      new RegExp(`\\(42, \\['${dataset}'\\]\\) True stopped`),
    );
    const tab = await page.context().newPage();
    await tab.goto(`${portal.url}/sessions`);
    await tab.getByText("Ended", { exact: true }).click();
    await tab.getByRole("link", { name: "from the notebook" }).first().click();
    await tab.getByText("It completed.").waitFor();
    await tab.getByText(new RegExp(`^${name}: starts at once`)).waitFor();
    await tab.close();
  });
}

/** What runs while nobody looks: chosen on a dataset's page, with its log while it runs and its results when it is through. */
export function batchSteps(step: Step, scene: () => Scene): void {
  step(
    "R31 R73 a notebook is chosen on a dataset's page and runs there without being opened; its log is seen live",
    async () => {
      const { page, portal, name, dataset } = scene();
      await page.goto(`${portal.url}/datasets/${dataset}`);
      await page.getByRole("link", { name: "Run a notebook without opening it" }).click();
      await page.getByRole("button", { name: "Run it" }).click();
      await page.waitForURL(/\/sessions\/s-/);
      const log = page.getByRole("log");
      await log.getByText(/cell \d+ of \d+/).waitFor();
      assert.equal(
        await page.getByText("This session has ended").count(),
        0,
        "the log is seen while it runs",
      );
      await page.getByText("It completed.").waitFor();
      await log.getByText(/all \d+ cells ran/).waitFor();
      await page.getByText(new RegExp(`^${name}: starts at once`)).waitFor();
      await demandAccessibleInBoth(page);
    },
  );

  step(
    "R60 R73 its results and the notebook as it ran lie on the facility's disk, and are the person's",
    async () => {
      const { portal, proposal, dataset } = scene();
      const folder = join(portal.state, "results/proposals", proposal, "pi", `${dataset}-look-at-a-file`);
      const kept = readdirSync(folder).find((name) => /^look-at-a-file-.*Z\.ipynb$/.test(name)) ?? "";
      const text = readFileSync(join(folder, kept), "utf8");
      assert.match(text, new RegExp(`data_path = '?/data/${dataset}`));
      assert.match(text, /image\/png/);
      const figure = statSync(join(folder, "chopper.png"));
      assert.notEqual(figure.uid, 0);
    },
  );

  step("R26 R31 that it ended is told behind the bell", async () => {
    const { page, portal } = scene();
    await page.goto(portal.url);
    await page.getByRole("link", { name: /^Notices, \d+ new/ }).click();
    await page.getByText("It completed.").first().waitFor();
  });
}
