import assert from "node:assert/strict";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { type Entering, ticketTo } from "./entering.ts";
import type { House, Place } from "./house.ts";

export const executablePath = "/usr/bin/chromium";

const args = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync"],
];

export async function withBrowser(
  run: (context: BrowserContext, browser: Browser) => Promise<void>,
): Promise<void> {
  const browser: Browser = await chromium.launch({ executablePath, args });
  try {
    const context = await browser.newContext();
    // JupyterLab on a busy machine takes its time.
    context.setDefaultTimeout(120_000);
    await run(context, browser);
  } finally {
    await browser.close();
  }
}

/** On a busy machine JupyterLab asks whether to wait for a document: yes. */
export async function waitThroughLoading(page: Page): Promise<void> {
  const dialog = page.getByRole("dialog", { name: "Loading" });
  await page.addLocatorHandler(dialog, () =>
    dialog
      .getByRole("button", { name: "Continue waiting" })
      .click({ timeout: 5_000 })
      .catch(() => {}),
  );
}

/** A page of the portal posts the ticket, as the web UI does, with the headers that the portal really sends. */
export async function enterInBrowser(
  context: BrowserContext,
  house: House,
  place: Place,
  entering: Entering = {},
): Promise<Page> {
  const { url, ticket } = await ticketTo(house, place, entering);
  const page = await context.newPage();
  const portal = await page.goto(`${house.portalOrigin}/anything`);
  assert.equal(portal?.headers()["referrer-policy"], "strict-origin");
  const form = `((url, ticket) => {
    const form = document.createElement("form");
    form.method = "post"; form.action = url;
    const field = document.createElement("input");
    field.name = "ticket"; field.value = ticket;
    form.append(field); document.body.append(form); form.submit();
  })(${JSON.stringify(url)}, ${JSON.stringify(ticket)})`;
  const entered = page.waitForURL(`${new URL(url).origin}/**`, { waitUntil: "commit" });
  await page.evaluate(form);
  await entered;
  await waitThroughLoading(page);
  return page;
}
