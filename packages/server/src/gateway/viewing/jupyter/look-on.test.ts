import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { letOut } from "../../../store/session-testing.ts";
import { until } from "../../testing/browser.ts";
import { enterInBrowser, executablePath, withBrowser } from "../../testing/chromium.ts";
import { share, withHouse } from "../../testing/house.ts";
import { builtEnvironment, startJupyter } from "../../testing/jupyter.ts";
import { workNotebook } from "../../testing/notebook.ts";

const environment = builtEnvironment();
const missing = [
  ...(existsSync(executablePath) ? [] : ["Chromium is not installed at /usr/bin/chromium"]),
  ...(environment === null ? ["no Python environment is built yet"] : []),
];
const skip = missing.length > 0 && missing.join("; ");
const slow = { timeout: 120_000 };

test("R82 R83 a viewer sees what the owner types and runs, can change nothing by keyboard or script, and is told of the end", {
  skip,
}, async () => {
  const files = { "work.ipynb": workNotebook, "notes.txt": "some text\n" };
  const jupyter = await startJupyter(environment as string, { files, front: "/lab/tree/work.ipynb" });
  try {
    await withHouse(async (house) => {
      await share(house, house.first, "bob", "viewer");
      await withBrowser(async (owners, browser) => {
        const owner = await enterInBrowser(owners, house, house.first);
        await cellIn(owner);
        const bob = { account: "bob", relation: "viewer" } as const;
        const viewers = await browser.newContext();
        viewers.setDefaultTimeout(120_000);
        const viewer = await enterInBrowser(viewers, house, house.first, bob);
        await cellIn(viewer);
        await viewer.locator("html[data-look-on=ready]").waitFor({ ...slow, state: "attached" });
        await viewer.getByText("View only").waitFor();
        await seesWhatIsDone(owner, viewer);
        const before = readFileSync(join(jupyter.home, "work.ipynb"), "utf8");
        await triesToWrite(viewer);
        await owner.locator(".jp-Notebook .cm-content").last().click();
        await owner.keyboard.type("the owner goes on");
        await viewer.getByText("the owner goes on").waitFor(slow);
        await until(() => readFileSync(join(jupyter.home, "work.ipynb"), "utf8").includes("goes on"));
        assert.equal(await owner.getByText("written by the viewer").count(), 0);
        const after = readFileSync(join(jupyter.home, "work.ipynb"), "utf8");
        assert.ok(!after.includes("written by the viewer") && after !== before);
        const { violations } = await new AxeBuilder({ page: viewer }).include("#look-on").analyze();
        assert.deepEqual(
          violations.map(({ id }) => id),
          [],
        );
        await letOut(house.store, house.first.session.id, "bob");
        await viewer
          .getByRole("alertdialog")
          .getByText("You are let into this session no longer")
          .waitFor(slow);
      });
    }, jupyter.socket);
  } finally {
    await jupyter.close();
  }
});

function cellIn(page: Page): Promise<void> {
  return page.locator(".jp-Notebook .cm-content").first().waitFor(slow);
}

async function seesWhatIsDone(owner: Page, viewer: Page): Promise<void> {
  await owner.locator(".jp-Notebook .cm-content").first().click();
  await owner.keyboard.press("End");
  await owner.keyboard.type(" # typed by the owner");
  const began = performance.now();
  await viewer.getByText("# typed by the owner").waitFor(slow);
  console.log(`figure: the viewer sees text ${Math.round(performance.now() - began)} ms after the last key`);
  await owner.keyboard.press("Shift+Enter");
  const run = performance.now();
  await viewer.locator(".jp-OutputArea-output pre", { hasText: "42" }).waitFor(slow);
  console.log(`figure: the viewer sees the output ${Math.round(performance.now() - run)} ms after the run`);
}

/** By keyboard, and by the page's own objects and lines. */
async function triesToWrite(viewer: Page): Promise<void> {
  await viewer.locator(".jp-Notebook .cm-content").first().click();
  await viewer.keyboard.type("written by the viewer");
  for (const key of ["Shift+Enter", "Escape", "b", "d", "d", "x", "Control+s"])
    await viewer.keyboard.press(key);
  assert.equal(await viewer.getByText("written by the viewer").count(), 0, "her own page takes no key");
  const statuses = (await viewer.evaluate(script)) as number[];
  assert.deepEqual([...new Set(statuses)], [403]);
}

const script = `(async () => {
  const [, name] = document.cookie.match(/_xsrf=([^;]+)/) ?? [];
  const headers = { "X-XSRFToken": name ?? "x", "Content-Type": "application/json" };
  const put = (path, method, body) => fetch(path, { method, headers, body: JSON.stringify(body) }).then(({ status }) => status);
  const [widget] = [...window.jupyterapp.shell.widgets("main")];
  widget.content.model.sharedModel.insertCell(0, { cell_type: "code", source: "written by the viewer" });
  widget.content.model.sharedModel.cells[1].setSource("written by the viewer");
  await widget.context.save().catch(() => {});
  const content = { type: "file", format: "text", content: "written by the viewer" };
  return Promise.all([
    put("/api/contents/work.ipynb", "PUT", content),
    put("/api/contents/new.txt", "PUT", content),
    put("/api/contents/work.ipynb", "DELETE"),
    put("/api/kernels", "POST", { name: "python3" }),
    put("/api/terminals", "POST", {}),
    put("/api/collaboration/undo_redo/x?action=undo", "PUT", {}),
    put("/api/collaboration/fork/x", "PUT", {}),
  ]);
})()`;
