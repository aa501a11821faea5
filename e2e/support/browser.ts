import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const usual = { width: 1280, height: 800 };
const pictures = join(import.meta.dirname, "../../docs/pictures");

export function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["ENDSTATION_CHROMIUM"] ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...more,
    ],
  });
}

/** A person at her browser: nothing shared with anybody else's. */
export function personAt(browser: Browser, scheme: "light" | "dark" = "light"): Promise<BrowserContext> {
  return browser.newContext({ viewport: usual, colorScheme: scheme, locale: "en-GB" });
}

/** Fails with every accessibility fault that axe finds on the page, or in these parts of it. */
export async function demandAccessible(page: Page, within: readonly string[] = []): Promise<void> {
  const builder = new AxeBuilder({ page }).setLegacyMode();
  for (const part of within) builder.include(part);
  const { violations } = await builder.analyze();
  const faults = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(" | ")}`,
  );
  assert.deepEqual(faults, [], `accessibility of ${page.url()}`);
}

/** A picture for the documentation, taken only when `ENDSTATION_PICTURES` is set; of a higher window where that is said. */
export async function picture(page: Page, name: string, height = usual.height): Promise<void> {
  if (process.env["ENDSTATION_PICTURES"] === undefined) return;
  mkdirSync(pictures, { recursive: true });
  await page.setViewportSize({ ...usual, height });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
  await page.setViewportSize(usual);
}
