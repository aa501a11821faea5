import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { places } from "./browser/places.ts";
import { type Built, buildUi } from "./support/build.ts";
import { launch, picture, violations, visit } from "./support/visit.ts";

/** One build and one browser for all that needs them. */
let built: Built;
let browser: Browser;
before(async () => {
  [built, browser] = await Promise.all([buildUi(), launch()]);
});
after(async () => {
  await browser?.close();
  await built?.remove();
});

describe("every page in its states", () => {
  for (const place of places)
    it(`${place.name}: axe finds nothing, light and dark`, () =>
      visit(browser, built.folder, async ({ portal, page }) => {
        place.arrange?.(portal);
        await page.goto(`${portal.url}${place.path}`);
        await place.ready(page);
        await place.further?.(page);
        await picture(page, `${place.name} light`);
        assert.deepEqual(await violations(page), []);
        await page.emulateMedia({ colorScheme: "dark" });
        await page.locator(":root[data-mantine-color-scheme=dark]").waitFor();
        await picture(page, `${place.name} dark`);
        assert.deepEqual(await violations(page, "color-contrast"), []);
      }));
});
