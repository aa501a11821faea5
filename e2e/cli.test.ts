import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import { session as sessionShape } from "@endstation/api";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launchBrowser, personAt } from "./support/browser.ts";
import { endstationCommands } from "./support/documented.ts";
import { journey } from "./support/journey.ts";
import { logIn } from "./support/person.ts";
import { type RunningPortal, removePortal, startPortal } from "./support/portal.ts";
import { demandAccessibleInBoth, logInAs } from "./support/steps.ts";
import { type Ran, Terminal } from "./support/terminal.ts";
import { until } from "./support/until.ts";

/** The same from a terminal: the real command against a real portal, approved in a real browser. */
const dataset = "lrmecs-3701-mgb2-8k";
const patience = 60_000;

let portal: RunningPortal;
let browser: Browser;
let pi: BrowserContext;
let page: Page;
let terminal: Terminal;
let session = "";
const step = journey("cli", () => browser);

before(async () => {
  [portal, browser] = await Promise.all([startPortal(), launchBrowser()]);
  terminal = new Terminal();
  pi = await personAt(browser);
  pi.setDefaultTimeout(patience);
  page = await pi.newPage();
  await logInAs(page, portal.url, "pi");
});

after(async () => {
  terminal?.close();
  await browser?.close();
  if (portal !== undefined) await removePortal(portal);
});

step(
  "R1 R20 R131 the README's block: logged in by a code in the browser, data found, a session started, listed",
  async () => {
    const commands = endstationCommands("README.md");
    assert.deepEqual(
      commands.map(([name]) => name),
      ["login", "datasets", "start", "list"],
    );
    for (const words of commands) await demonstrate(words, true);
  },
);

step("R2 R20 the block of docs/cli.md does what it says", async () => {
  const commands = endstationCommands("docs/cli.md");
  assert.deepEqual(
    commands.map(([name]) => name),
    ["login", "datasets", "start", "open", "stop"],
  );
  for (const words of commands) await demonstrate(words, false);
});

step("what the log-in left behind is for its owner only, and the code can be refused", async () => {
  const file = join(terminal.settings, "endstation", "credentials.json");
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.match(readFileSync(file, "utf8"), /"est_/);
  const login = terminal.start(["login", portal.url]);
  await answerDevice(login.err, "Refuse");
  const ran = await login.ended;
  assert.equal(ran.code, 1);
  assert.match(ran.err, /login-failed/);
  assert.match((await done("whoami")).out, /account +pi/);
});

step(
  "R2 R25 proposals, environments, show, logs, rename, extend, and JSON in the API's own shapes",
  async () => {
    session = idIn(await done("start", "nexus", "--dataset", dataset, "--wait"));
    assert.match((await done("proposals", "--mine")).out, /ipns-2001-mgb2 +LRMECS/);
    assert.match((await done("environments")).out, /tof-spectroscopy/);
    assert.match((await done("show", session)).out, /phase +running[\s\S]*results +\/results/);
    await done("rename", session, "from a terminal");
    await done("extend", session, "30");
    const { out } = await done("show", session, "--json");
    const shown = sessionShape.parse(JSON.parse(out));
    assert.equal(shown.name, "from a terminal");
    assert.ok(Date.parse(shown.expiresAt) - Date.now() > 29 * 3_600_000);
    const logs = await until("a log", async () => {
      const ran = await done("logs", session);
      return ran.out.trim() === "" ? null : ran.out;
    });
    assert.doesNotMatch(logs, /token=|est_/);
  },
);

step(
  "R21 R23 open --print names a page of the portal without a secret, and that leads into JupyterLab",
  async () => {
    const { out } = await done("open", session, "--print");
    assert.equal(out.trim(), `${portal.url}/sessions/${session}/open`);
    await page.goto(out.trim());
    await page
      .locator(".jp-NotebookPanel .jp-Cell")
      .first()
      .waitFor({ timeout: patience * 2 });
    await page.goto(portal.url);
  },
);

step("shared, shown as shared, and no more", async () => {
  await done("share", session, "member", "--as", "viewer");
  assert.match((await done("shares", session)).out, /member +viewer/);
  await done("unshare", session, "member");
  assert.doesNotMatch((await done("shares", session)).out, /member/);
});

step("R3 R19 somebody else's command knows nothing of it, by a token from the environment", async () => {
  const other = await logIn(portal.url, "other");
  const body = { name: "for a script", scopes: ["read" as const, "sessions" as const] };
  const { token } = await other.call("makeToken", { body });
  const theirs = new Terminal({ ENDSTATION_URL: portal.url, ENDSTATION_TOKEN: token });
  assert.match((await theirs.run("whoami")).out, /account +other/);
  for (const words of [["show"], ["logs"], ["open", "--print"], ["stop"], ["shares"]]) {
    const ran = await theirs.run(...words, session);
    assert.equal(ran.code, 1, words.join(" "));
    assert.match(ran.err, /^✖ not-found/);
  }
  assert.doesNotMatch((await theirs.run("datasets")).out, /lrmecs-3701/);
  assert.doesNotMatch((await theirs.run("list")).out, new RegExp(session));
  const refused = await theirs.run("start", "nexus", "--dataset", dataset, "--json");
  assert.equal(refused.code, 1);
  assert.equal(JSON.parse(refused.err).code, "not-found");
  theirs.close();
});

step(
  "on the portal's own machine: doctor, config check, a token, a backup, beside the running portal",
  async () => {
    const state = ["--state", portal.state];
    assert.equal((await terminal.run("doctor", ...state)).code, 0);
    const config = join(terminal.settings, "endstation.yaml");
    writeFileSync(config, "listen:\n  prot: 1\n");
    const checked = await terminal.run("config", "check", config);
    assert.notEqual(checked.code, 0);
    assert.match(
      checked.out + checked.err,
      /line 2, listen\.prot: there is no such key; did you mean port\?/,
    );
    const made = await terminal.run("token", "create", "guest", ...state);
    assert.match(made.out.trim(), /^est_\S+$/, made.err);
    const guest = new Terminal({ ENDSTATION_URL: portal.url, ENDSTATION_TOKEN: made.out.trim() });
    assert.match((await guest.run("whoami")).out, /account +guest/);
    guest.close();
    const backup = join(terminal.settings, "backup");
    const ran = await terminal.run("backup", backup, ...state);
    assert.equal(ran.code, 0, ran.err);
    assert.ok(statSync(backup).size > 1000);
  },
);

step("stopped, and exit codes: 0 done, 1 refused, 2 wrong use, 130 broken off", async () => {
  assert.match((await done("stop", session, "--wait")).out, /has stopped/);
  assert.match((await done("show", session)).out, /stopped \(user\)/);
  const cases: readonly (readonly [number, RegExp, readonly string[]])[] = [
    [1, /session-ended/, ["open", session]],
    [1, /not-found/, ["show", "s-00000000000000000000"]],
    [1, /environment-unknown/, ["start", "no-such-environment", "--dataset", dataset]],
    [1, /flavour-unknown/, ["start", "nexus", "--flavour", "huge", "--dataset", dataset]],
    [1, /portal-unreachable/, ["login", "http://localhost:1"]],
    [2, /wrong-use/, ["show", "my-session"]],
    [2, /endstation|unknown|wrong/i, ["explode"]],
  ];
  for (const [code, words, command] of cases) {
    const ran = await terminal.run(...command);
    assert.equal(ran.code, code, `${command.join(" ")}: ${ran.err}`);
    assert.match(ran.err, words);
    assert.doesNotMatch(ran.err, /\n {4}at /);
  }
  const login = terminal.start(["login", portal.url]);
  await until("the code", async () => login.err().includes("enter the code"));
  login.child.kill("SIGINT");
  assert.equal((await login.ended).code, 130);
});

step("logged out, the token is of no use any more", async () => {
  const file = join(terminal.settings, "endstation", "credentials.json");
  const [, token = ""] = /"(est_[^"]+)"/.exec(readFileSync(file, "utf8")) ?? [];
  await done("logout");
  const stranger = await terminal.run("list", "--portal", portal.url);
  assert.deepEqual([stranger.code, /^✖ not-logged-in/.test(stranger.err)], [1, true], stranger.err);
  const stolen = new Terminal({ ENDSTATION_URL: portal.url, ENDSTATION_TOKEN: token });
  const ran = await stolen.run("list");
  assert.equal(ran.code, 1);
  assert.match(ran.err, /not-logged-in|token/);
  stolen.close();
});

/** Runs a line of a page on this portal and its sessions, and looks whether it did what it says. */
async function demonstrate(line: readonly string[], npx: boolean): Promise<void> {
  const words = line.map((word) =>
    word.replace(/^https?:\/\/[^/]+$/, portal.url).replace(/^s-[a-z0-9]{20}$/, session),
  );
  const running = terminal.start(words, { npx });
  const [name] = words;
  if (name === "login") await answerDevice(running.err, "Approve");
  const ran = await running.ended;
  assert.equal(ran.code, 0, `${words.join(" ")}: ${ran.err}`);
  assert.doesNotMatch(ran.out + ran.err, /est_/);
  if (name === "start") session = idIn(ran);
  assert.match(ran.out, expected(name ?? ""));
  if (name === "start")
    for (const stage of ["accepted", "placed", "answering"])
      assert.match(ran.err, new RegExp(`^ +${stage}`, "m"));
}

function expected(name: string): RegExp {
  const words: Readonly<Record<string, RegExp>> = {
    login: /Logged in at http:\/\/localhost:\d+ as pi\./,
    datasets: /lrmecs-3701-mgb2-8k +member/,
    start: /phase +running/,
    list: new RegExp(`^${session} +running`, "m"),
    open: new RegExp(`^${portal.url}/sessions/${session}/open$`, "m"),
    stop: new RegExp(`^${session} has stopped`, "m"),
  };
  return words[name] ?? /./;
}

/** In the browser: the page that the command names, and the code that it shows. */
async function answerDevice(said: () => string, answer: "Approve" | "Refuse"): Promise<void> {
  const [, url = "", code = ""] = await until("the code", async () =>
    /Open (\S+) in your browser[\s\S]*?\n\n +(\S+)\n/.exec(said()),
  );
  assert.equal(new URL(url).search, "", "the code is typed, so that nobody is led to approve another's");
  await page.goto(url);
  await page.getByRole("textbox").fill(code);
  if (answer === "Refuse") await demandAccessibleInBoth(page);
  await page.getByRole("button", { name: answer }).click();
  await page.getByText("You can close this page").waitFor();
}

async function done(...words: readonly string[]): Promise<Ran> {
  const ran = await terminal.run(...words);
  assert.equal(ran.code, 0, `${words.join(" ")}: ${ran.err}`);
  return ran;
}

function idIn({ out }: Ran): string {
  return /s-[a-z0-9]{20}/.exec(out)?.[0] ?? assert.fail(`no session in ${out}`);
}
