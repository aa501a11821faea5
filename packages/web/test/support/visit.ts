import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { FakePortal } from "../portal/fake-portal.ts";

export type Scheme = "light" | "dark";

/** A window on a fake portal, and what went wrong in it. */
export interface Visit {
  readonly portal: FakePortal;
  readonly context: BrowserContext;
  readonly page: Page;
  /** Complaints of the page: errors, broken rules of the content security policy. */
  readonly complaints: string[];
}

export interface VisitOptions {
  readonly scheme?: Scheme;
  readonly width?: number;
  readonly height?: number;
  readonly reducedMotion?: "reduce";
}

export function launch(): Promise<Browser> {
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
    ],
  });
}

/** Long enough for a machine that is busy with other tests. */
export const patienceMs = 60_000;

/** Runs `act` in a fresh window on a fresh fake portal, and sees that nothing complained and all calls kept the contract. */
export async function visit(
  browser: Browser,
  folder: string,
  act: (visit: Visit) => Promise<void>,
  { scheme = "light", width = 1280, height = 860, reducedMotion = "reduce" }: VisitOptions = {},
): Promise<void> {
  const portal = await FakePortal.start(folder);
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion,
    locale: "en-GB",
    timezoneId: "Europe/Paris",
  });
  context.setDefaultTimeout(patienceMs);
  context.setDefaultNavigationTimeout(patienceMs);
  const page = await context.newPage();
  const complaints = listenTo(page);
  try {
    await act({ portal, context, page, complaints });
    assert.deepEqual(portal.faults, [], "calls or answers that the contract does not allow");
    assert.deepEqual(complaints, [], "complaints of the page");
  } finally {
    await context.close();
    await portal.close();
  }
}

/** A refused request is told in the console as well: that one is expected where a test asks for it. */
const expected = /Failed to load resource|net::ERR_|EventSource/;

function listenTo(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.stack ?? error.message));
  page.on("console", (message) => {
    const isBad = message.type() === "error" || message.type() === "warning";
    if (isBad && !expected.test(message.text())) complaints.push(message.text());
  });
  return complaints;
}

/** What axe finds on the page as it is now, in words; of all its rules, or of those named. */
export async function violations(page: Page, ...rules: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode();
  if (rules.length > 0) axe.withRules(rules);
  const { violations: found } = await axe.analyze();
  return found.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary ?? ""}`),
  );
}

/** Keeps a picture for people to look at, where ENDSTATION_WEB_PICTURES says. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env["ENDSTATION_WEB_PICTURES"];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name.replaceAll(/\W+/g, "-")}.png`), fullPage: true });
}
