import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { journeys } from "./browser/journeys.ts";
import { places } from "./browser/places.ts";
import { type Built, buildUi, copiesOf, firstLoad } from "./support/build.ts";
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

describe("bundle", () => {
  it("holds one React, and each page in a part of its own", () => {
    for (const name of ["react", "react-dom", "scheduler"])
      assert.deepEqual(
        copiesOf(built, name).length,
        1,
        `copies of ${name}: ${copiesOf(built, name).join(", ")}`,
      );
    const entry = firstLoad(built);
    const pages = entry
      .flatMap(({ modules }) => modules)
      .filter((path) => /\/src\/pages\/\w+\/\w+Page\.tsx$/.test(path));
    assert.deepEqual(pages, []);
  });

  it("with a second React in it would be noticed", () => {
    const twice = { ...built, chunks: [...built.chunks] };
    const [first] = built.chunks;
    assert.ok(first !== undefined);
    twice.chunks.push({ ...first, modules: ["/elsewhere/node_modules/react/index.js"] });
    assert.equal(copiesOf(twice, "react").length, 2);
  });

  it("stays small enough for a first visit", (test) => {
    const first = firstLoad(built).reduce((sum, { gzipBytes }) => sum + gzipBytes, 0);
    const all = built.chunks.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0);
    const inKilobytes = [first, all, built.styleBytes].map((bytes) => Math.round(bytes / 1000));
    const [start, total, styles] = inKilobytes;
    console.log(
      `figure: web UI, gzip kB: first load ${start} script, all pages ${total} script, ${styles} style`,
    );
    test.diagnostic(`gzip kB: ${inKilobytes.join(", ")}`);
    assert.ok(first < 300_000, `${first} bytes of script before the first page`);
  });
});

describe("bundle of the viewer", () => {
  it("has one React of its own, and is no heavier than H5Web makes it", async () => {
    const viewer = await buildUi("viewer");
    try {
      for (const name of ["react", "react-dom", "scheduler"]) {
        const [copy, ...others] = copiesOf(viewer, name);
        assert.match(copy ?? "", /packages\/viewer\/node_modules/);
        assert.deepEqual(others, []);
      }
      const script = firstLoad(viewer).reduce((sum, { gzipBytes }) => sum + gzipBytes, 0);
      const kilobytes = [script, viewer.styleBytes].map((bytes) => Math.round(bytes / 1000));
      console.log(`figure: viewer, gzip kB: first load ${kilobytes[0]} script, ${kilobytes[1]} style`);
      assert.ok(script < 500_000, `${script} bytes of script`);
    } finally {
      await viewer.remove();
    }
  });
});

describe("every page in its states", { concurrency: 2 }, () => {
  for (const place of places)
    it(`${place.name}: axe finds nothing in light and dark, and it fits 360 pixels`, () =>
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
        await page.setViewportSize({ width: 360, height: 740 });
        await picture(page, `${place.name} narrow`);
        assert.deepEqual(await tooWide(page), []);
      }));
});

describe("journeys", { concurrency: 2 }, () => {
  for (const [name, journey, options] of journeys)
    it(name, () => visit(browser, built.folder, journey, options));
});

/** What stands out of the window to the right once everything has found its place. */
async function tooWide(page: Page): Promise<string[]> {
  let found = await standingOut(page);
  for (let tries = 0; found.length > 0 && tries < 50; tries += 1) {
    await page.waitForTimeout(100);
    found = await standingOut(page);
  }
  return found;
}

function standingOut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll("body *")]
      .filter((element) => element.getBoundingClientRect().right > width + 1)
      .map((element) => `${element.tagName} ${element.className} ${element.textContent?.slice(0, 40)}`);
  });
}
