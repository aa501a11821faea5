import type { Browser, BrowserContext, Page } from "playwright-core";
import type { Place } from "./people.ts";
import type { World } from "./world.ts";

/** Somebody at her browser: logged in at the portal, with the sessions she goes to open beside it. */
export interface Victim {
  readonly context: BrowserContext;
  /** The portal in a tab. */
  readonly portal: Page;
  /** Opens a session as the portal's page does, in a tab of its own. */
  open(place: Place): Promise<Page>;
  /** Whom the portal takes her for; null: nobody. */
  account(): Promise<string | null>;
}

export async function atBrowser(world: World, browser: Browser, account: string): Promise<Victim> {
  const context = await browser.newContext({ ignoreHTTPSErrors: false });
  context.setDefaultTimeout(30_000);
  const portal = await context.newPage();
  world.issuer.account = account;
  await portal.goto(`${world.origin}/auth/login?returnTo=/`);
  const open = async ({ id }: Place) => {
    const tab = context.waitForEvent("page");
    await portal.evaluate(openInTab, id);
    const page = await tab;
    await page.waitForURL((url) => url.pathname === "/");
    return page;
  };
  return { context, portal, open, account: () => accountOf(world, context) };
}

/** Runs something with somebody at a browser of her own. */
export async function withVictim<Result>(
  world: World,
  browser: Browser,
  account: string,
  run: (victim: Victim) => Promise<Result>,
): Promise<Result> {
  const victim = await atBrowser(world, browser, account);
  try {
    return await run(victim);
  } finally {
    await victim.context.close();
  }
}

/** Within the portal's page: what its button "Open" does. */
async function openInTab(id: string): Promise<void> {
  const answer = await fetch(`/api/v1/sessions/${id}/open`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ endpoint: "jupyter" }),
  });
  const { url, ticket } = (await answer.json()) as { url: string; ticket: string };
  const form = Object.assign(document.createElement("form"), {
    method: "post",
    action: url,
    target: "_blank",
  });
  form.rel = "opener";
  const field = Object.assign(document.createElement("input"), {
    type: "hidden",
    name: "ticket",
    value: ticket,
  });
  form.append(field);
  document.body.append(form);
  form.submit();
  form.remove();
}

async function accountOf(world: World, context: BrowserContext): Promise<string | null> {
  const page = await context.newPage();
  try {
    await page.goto(`${world.origin}/docs/errors`);
    return await page.evaluate(async () => {
      const answer = await fetch("/api/v1/me");
      return answer.ok ? ((await answer.json()) as { account: string }).account : null;
    });
  } finally {
    await page.close();
  }
}

/** Runs a script of the attacker's in a session's page; what throws there, or never ends, has won nothing. */
export function attempt<Given, Result>(
  page: Page,
  script: (given: Given) => Result | Promise<Result>,
  given: Given,
): Promise<Awaited<Result> | null> {
  const run = page.evaluate(script as never, given as never).catch(() => null);
  return Promise.race([
    run,
    page.waitForTimeout(patienceMs).then(() => null),
  ]) as Promise<Awaited<Result> | null>;
}

const patienceMs = 8_000;
