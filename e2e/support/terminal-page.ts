import type { Page } from "playwright-core";
import { until } from "./until.ts";

/** The page of a terminal session in a browser. */
export class TerminalPage {
  readonly page: Page;
  #asked = 0;

  constructor(page: Page) {
    this.page = page;
  }

  async connected(): Promise<void> {
    await this.page
      .getByRole("status")
      .filter({ hasText: /^Connected/ })
      .waitFor();
  }

  /** The lines of the screen, as they are seen. */
  async screen(): Promise<string> {
    const rows = await this.page.locator(".xterm-rows > div").allTextContents();
    return rows.map((row) => row.replaceAll("\u00a0", " ").trimEnd()).join("\n");
  }

  async shows(wanted: string | RegExp): Promise<string> {
    let last = "";
    return until(`${wanted} on the screen`, async () => {
      last = await this.screen();
      return (typeof wanted === "string" ? last.includes(wanted) : wanted.test(last)) && last;
    }).catch((error: Error) => {
      throw new Error(`${error.message}; there is:\n${last}`);
    });
  }

  /** Types a line, as a person does: into whatever has the focus. */
  async type(line: string): Promise<void> {
    await this.page.keyboard.type(line);
    await this.page.keyboard.press("Enter");
  }

  /** Rows and columns, as the shell has them. */
  async size(): Promise<number[]> {
    this.#asked += 1;
    const said = new RegExp(`^size-${this.#asked} (\\d+) (\\d+)$`, "m");
    const screen = await this.run(`clear; echo size-${this.#asked} $(stty size)`, said);
    return (said.exec(screen) ?? []).slice(1).map(Number);
  }

  /** Selects the word that a line begins with, as a double click does. */
  async selectFirstWordOf(line: RegExp): Promise<void> {
    const box = await this.page.locator(".xterm-rows > div").filter({ hasText: line }).boundingBox();
    if (box === null) throw new Error(`there is no line ${line}`);
    await this.page.mouse.dblclick(box.x + 10, box.y + box.height / 2);
  }

  async run(line: string, wanted: string | RegExp): Promise<string> {
    await this.type(line);
    return this.shows(wanted);
  }
}
