import type { Page } from "playwright-core";
import { until } from "./until.ts";

/** The page of a terminal session in a browser. */
export class TerminalPage {
  readonly page: Page;

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

  async run(line: string, wanted: string | RegExp): Promise<string> {
    await this.type(line);
    return this.shows(wanted);
  }
}
