import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Browser } from "playwright-core";

const output = join(import.meta.dirname, "../output");

/**
 * The steps of one journey, each a test: after one that failed the others fail at once, as they stand on it. What every
 * open tab showed at that moment is kept in `e2e/output`.
 */
export function journey(name: string, browser: () => Browser | undefined) {
  let failed: string | null = null;
  return (title: string, act: () => Promise<void>): void => {
    test(title, async () => {
      if (failed !== null) throw new Error(`cannot be shown: “${failed}” failed before`);
      try {
        await act();
      } catch (error) {
        failed = title;
        await keepPictures(name, browser());
        throw error;
      }
    });
  };
}

async function keepPictures(name: string, browser: Browser | undefined): Promise<void> {
  const pages = browser?.contexts().flatMap((context) => context.pages()) ?? [];
  mkdirSync(output, { recursive: true });
  for (const [index, page] of pages.entries()) {
    const path = join(output, `${name}-${index}.png`);
    await page.screenshot({ path, timeout: 10_000 }).catch(() => {});
    console.error(`${path}: ${page.url()}`);
  }
}
