import { after, before, describe } from "node:test";
import type { Browser } from "playwright-core";
import { launchBrowser } from "../support/browser.ts";
import { apiFromSession } from "./api-from-session.ts";
import { cookies } from "./cookies.ts";
import { floods } from "./floods.ts";
import { framing } from "./framing.ts";
import { hostileSessionServer } from "./hostile-session-server.ts";
import { hosts } from "./hosts.ts";
import { login } from "./login.ts";
import { paths } from "./paths.ts";
import { secrets } from "./secrets.ts";
import { smuggling } from "./smuggling.ts";
import type { Family } from "./support/family.ts";
import { belowOneDomain, onLocalhost, type Setting } from "./support/setting.ts";
import { startWorld, type World } from "./support/world.ts";
import { tickets } from "./tickets.ts";

/** Every family of attacks, on one machine and where the browser helps least. What each would win is its title. */
const families: readonly Family[] = [
  cookies,
  apiFromSession,
  framing,
  tickets,
  hosts,
  smuggling,
  paths,
  floods,
  hostileSessionServer,
  login,
  secrets,
];

const settings = [
  ["on *.localhost", onLocalhost],
  ["below one registrable domain, with TLS", belowOneDomain],
] as const;

// Both settings at once; within one, an attack with a defence away must not meet another.
describe("attacks", { concurrency: settings.length }, () => {
  for (const [title, settingOf] of settings) describe(title, { concurrency: 1 }, () => attackedIn(settingOf));
});

function attackedIn(settingOf: () => Promise<Setting>): void {
  let world: World;
  let browser: Browser;
  before(async () => {
    const setting = await settingOf();
    [world, browser] = await Promise.all([startWorld(setting), launchBrowser(setting.browserArguments)]);
  });
  after(async () => {
    await browser?.close();
    await world?.close();
  });
  for (const family of families) family(() => ({ world, browser }), settingOf === belowOneDomain);
}
