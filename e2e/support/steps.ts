import type { BrowserContext, Page } from "playwright-core";
import { demandAccessible } from "./browser.ts";

/** Logs in by the portal's own pages and the development issuer's. */
export async function logInAs(page: Page, url: string, account: string): Promise<void> {
  await page.goto(url);
  await page.getByRole("link", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "Log in for development" }).waitFor();
  await page.locator(`button[value="${account}"]`).click();
  await page.getByRole("heading", { name: "My experiments" }).waitFor();
}

/** Presses something that leads into a tab of its own, and answers with that. */
export async function newTab(context: BrowserContext, press: () => Promise<void>): Promise<Page> {
  const [tab] = await Promise.all([context.waitForEvent("page"), press()]);
  return tab;
}

/** No accessibility fault in bright and in dark. */
export async function demandAccessibleInBoth(page: Page, within: readonly string[] = []): Promise<void> {
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(300);
    await demandAccessible(page, within);
  }
}
