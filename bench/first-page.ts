import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launchBrowser, personAt } from "../e2e/support/browser.ts";
import { logIn } from "../e2e/support/person.ts";
import { type RunningPortal, removePortal, startPortal } from "../e2e/support/portal.ts";
import { startedSession } from "../e2e/support/sessions.ts";
import { logInAs } from "../e2e/support/steps.ts";
import { type Bench, type BenchResult, median, rounded } from "./bench.ts";

/** The line between browser and portal, shaped in the browser. */
const line = { offline: false, latency: 40, downloadThroughput: 1.25e6, uploadThroughput: 1.25e6 };
const plainPortal = join(import.meta.dirname, "plain-portal.ts");

/** A portal with two sessions of one person in it, each opened again and again. */
interface Side {
  readonly portal: RunningPortal;
  readonly sessions: readonly [string, string];
}

/** One opening: from the click to the notebook's first cell on the screen. */
interface Opening {
  readonly seconds: number;
  readonly requests: number;
  readonly megabytes: number;
}

const openings = ["cold", "warm", "second session of the day"] as const;
type Kind = (typeof openings)[number];
type Measured = Record<Kind, Opening[]>;

/** From the click to the notebook, over 10 Mbit/s and 40 ms, beside the same portal where sessions send all of it. */
export const firstPageBench: Bench = {
  prepare: async () => {},
  run: async ({ quick }) => {
    const program = [process.execPath, "--disable-warning=ExperimentalWarning", plainPortal] as const;
    const [own, plain] = [await sideOf(await startPortal()), await sideOf(await startPortal({ program }))];
    const browser = await launchBrowser();
    const measured: readonly [Measured, Measured] = [empty(), empty()];
    try {
      for (let turn = 0; turn <= (quick ? 2 : 7); turn += 1)
        // The first turn is the servers' own first time, which is not the line's.
        for (const [n, side] of [own, plain].entries())
          await openAll(browser, side, turn === 0 ? empty() : (measured[n] as Measured));
    } finally {
      await browser.close();
      await Promise.all([removePortal(own.portal), removePortal(plain.portal)]);
    }
    return resultOf(...measured);
  },
};

async function sideOf(portal: RunningPortal): Promise<Side> {
  const person = await logIn(portal.url, "pi");
  return { portal, sessions: [await startedSession(person), await startedSession(person)] };
}

function empty(): Measured {
  return { cold: [], warm: [], "second session of the day": [] };
}

/** A browser that has seen nothing; the same session once more; then another session of the same environment. */
async function openAll(browser: Browser, { portal, sessions }: Side, into: Measured): Promise<void> {
  const context = await personAt(browser);
  try {
    const page = await context.newPage();
    await logInAs(page, portal.url, "pi");
    into.cold.push(await opened(context, portal, sessions[0]));
    into.warm.push(await opened(context, portal, sessions[0]));
    into["second session of the day"].push(await opened(context, portal, sessions[1]));
  } finally {
    await context.close();
  }
}

async function opened(context: BrowserContext, { url }: RunningPortal, session: string): Promise<Opening> {
  const page = await context.newPage();
  await page.goto(`${url}/sessions/${session}`);
  const counted = await shaped(context, page);
  const since = performance.now();
  await page.evaluate(open, session);
  await page.locator(".jp-NotebookPanel .jp-Notebook .jp-Cell").first().waitFor({ timeout: 120_000 });
  const seconds = (performance.now() - since) / 1000;
  const { requests, bytes } = counted();
  await page.close();
  return { seconds, requests, megabytes: bytes / 1e6 };
}

/** Shapes the page's line, and counts what passes over it. */
async function shaped(context: BrowserContext, page: Page) {
  const devtools = await context.newCDPSession(page);
  let [requests, bytes] = [0, 0];
  devtools.on("Network.loadingFinished", ({ encodedDataLength }) => {
    if (encodedDataLength > 0) requests += 1;
    bytes += encodedDataLength;
  });
  await devtools.send("Network.enable");
  await devtools.send("Network.emulateNetworkConditions", line);
  return () => ({ requests, bytes });
}

/** Within the portal's page: what its button "Open" does, in the same tab so that its line stays as it was shaped. */
async function open(id: string): Promise<void> {
  const answer = await fetch(`/api/v1/sessions/${id}/open`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ endpoint: "jupyter" }),
  });
  const { url, ticket } = (await answer.json()) as { url: string; ticket: string };
  const form = Object.assign(document.createElement("form"), { method: "post", action: url });
  form.append(Object.assign(document.createElement("input"), { name: "ticket", value: ticket }));
  document.body.append(form);
  form.submit();
}

function resultOf(own: Measured, plain: Measured): BenchResult {
  const of = (measured: Measured, kind: Kind, what: keyof Opening) =>
    median(measured[kind].map((opening) => opening[what]));
  const figures = openings.flatMap((kind) => [
    [`${kind}: seconds`, rounded(of(own, kind, "seconds"))],
    [`${kind}, plain pipe: seconds`, rounded(of(plain, kind, "seconds"))],
    [`${kind}: of the plain pipe`, rounded(of(own, kind, "seconds") / of(plain, kind, "seconds"))],
    [`${kind}: megabytes`, rounded(of(own, kind, "megabytes"))],
    [`${kind}, plain pipe: megabytes`, rounded(of(plain, kind, "megabytes"))],
    [`${kind}: requests`, of(own, kind, "requests")],
  ]);
  return {
    figures: Object.fromEntries(figures) as Record<string, number>,
    goals: { "cold: of the plain pipe": { atMost: 0.5 } },
    notes: [
      `${own.cold.length} turns on each side; 10 Mbit/s, 40 ms; medians`,
      "warm is the least that any shared cache could bring a second session to",
    ],
  };
}
