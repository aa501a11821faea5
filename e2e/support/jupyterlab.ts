import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { until } from "./until.ts";

/** What a cell drew or said, as the notebook's file has it. */
interface Cell {
  readonly cell_type: string;
  readonly source: string | readonly string[];
  readonly outputs?: readonly {
    readonly output_type: string;
    readonly ename?: string;
    readonly evalue?: string;
    readonly text?: string | readonly string[];
    readonly data?: Readonly<Record<string, unknown>>;
  }[];
}

const patience = 120_000;

/** JupyterLab in a tab, with a notebook in front. */
export class Lab {
  readonly page: Page;
  constructor(page: Page) {
    this.page = page;
  }

  /** Resolves when the notebook is drawn and its kernel is ready to take a cell. */
  async ready(): Promise<void> {
    await this.page.locator(".jp-NotebookPanel .jp-Notebook .jp-Cell").first().waitFor({ timeout: patience });
    await this.#idle();
  }

  /** The text of the notebook's cells that are drawn. */
  async cells(): Promise<string[]> {
    return this.page.locator(".jp-NotebookPanel .jp-Cell .jp-InputArea-editor").allInnerTexts();
  }

  /** Brings the figure of the section with that heading into the window. */
  async showFigure(heading: string): Promise<void> {
    const notebook = this.page.locator(".jp-NotebookPanel .jp-Notebook");
    await notebook.getByRole("heading", { name: heading }).last().scrollIntoViewIfNeeded();
    const cell = notebook.locator(".jp-Cell", { has: this.page.getByRole("heading", { name: heading }) });
    const figure = cell.locator("xpath=following-sibling::*").locator("img").first();
    await figure.evaluate((element) => element.scrollIntoView({ block: "center" }));
    await this.page.waitForTimeout(1_000);
  }

  /** By the menu, as a person does. */
  async runAll(): Promise<void> {
    await this.#menu("Run", "Run All Cells");
  }

  /** Adds a cell at the end, runs it, and answers with what it printed; within so many milliseconds. */
  async run(code: string, within: number = patience): Promise<string> {
    const done = `done ${Math.random().toString(36).slice(2)}`;
    await this.#focus();
    await this.page.keyboard.press("Escape");
    await this.#inMode("command");
    await this.page.keyboard.press("b");
    await this.page.keyboard.press("Enter");
    await this.#inMode("edit");
    await this.page.keyboard.insertText(`${code}\nprint(${JSON.stringify(done)})`);
    await this.page.keyboard.press("Shift+Enter");
    const output = this.page.locator(".jp-OutputArea-output", { hasText: done }).last();
    await output.waitFor({ timeout: within });
    return ((await output.textContent()) ?? "").replace(done, "").trim();
  }

  /** Saves by the keyboard, and waits until the file on the disk has what `has` asks for. */
  async save(file: string, has: (cells: readonly Cell[]) => boolean): Promise<readonly Cell[]> {
    await this.page.locator(".jp-NotebookPanel .jp-Notebook").click({ position: { x: 5, y: 5 } });
    return until(`${file} to be saved`, async () => {
      await this.page.keyboard.press("Control+s");
      await this.page.waitForTimeout(500);
      const text = await readFile(file, "utf8");
      if (!text.endsWith("}\n") && !text.endsWith("}")) return null; // it is being written
      const { cells } = JSON.parse(text) as { cells: readonly Cell[] };
      return has(cells) ? cells : null;
    });
  }

  async #focus(): Promise<void> {
    await this.page.locator(".jp-NotebookPanel .jp-Notebook").press("Escape");
  }

  /** Before it is in it, a key means something else. */
  async #inMode(mode: "command" | "edit"): Promise<void> {
    await this.page
      .locator(`.jp-NotebookPanel .jp-Notebook.jp-mod-${mode}Mode`)
      .waitFor({ timeout: patience });
  }

  async #idle(): Promise<void> {
    await this.page.locator("#jp-main-statusbar").getByText("| Idle").waitFor({ timeout: patience });
  }

  async #menu(menu: string, item: string): Promise<void> {
    await this.page.getByRole("menuitem", { name: menu, exact: true }).click();
    await this.page.getByRole("menuitem", { name: item, exact: true }).click();
  }
}

/** Fails with the first cell that ended in an error. */
export function demandNoErrors(cells: readonly Cell[]): void {
  const errors = cells.flatMap((cell) =>
    (cell.outputs ?? [])
      .filter(({ output_type }) => output_type === "error")
      .map(({ ename, evalue }) => `${ename}: ${evalue}\nin\n${textOf(cell)}`),
  );
  assert.deepEqual(errors, []);
}

/** Whether the code below the heading drew something. */
export function hasFigure(cells: readonly Cell[], heading: string): boolean {
  const at = cells.findIndex(
    (cell) => cell.cell_type === "markdown" && textOf(cell).includes(`. ${heading}\n`),
  );
  const code = cells.slice(at + 1).find((cell) => cell.cell_type === "code");
  return at >= 0 && (code?.outputs ?? []).some(({ data }) => data !== undefined && "image/png" in data);
}

function textOf({ source }: Cell): string {
  return [source].flat().join("");
}
