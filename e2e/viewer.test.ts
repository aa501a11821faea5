import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before } from "node:test";
import { promisify } from "node:util";
import AxeBuilder from "@axe-core/playwright";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launchBrowser, personAt, picture } from "./support/browser.ts";
import { blockCommands } from "./support/documented.ts";
import { journey } from "./support/journey.ts";
import { logIn } from "./support/person.ts";
import { type RunningPortal, removePortal, startPortal } from "./support/portal.ts";
import { logInAs } from "./support/steps.ts";
import { until } from "./support/until.ts";

/** From a dataset to what is inside its files, with the real H5Web over real measurements, and on to an analysis. */
const patience = 90_000;

let portal: RunningPortal;
let browser: Browser;
let pi: BrowserContext;
let page: Page;
const faults: string[] = [];
const step = journey("viewer", () => browser);

before(async () => {
  [portal, browser] = await Promise.all([
    startPortal(),
    launchBrowser(["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]),
  ]);
  pi = await personAt(browser);
  pi.setDefaultTimeout(patience);
  page = await pi.newPage();
  page.on("console", (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) faults.push(message.text());
  });
});

after(async () => {
  await browser?.close();
  if (portal !== undefined) await removePortal(portal);
});

/** The plot that H5Web draws has something in it: its canvas is not of one colour. */
async function demandDrawn(): Promise<void> {
  await page.locator("main canvas").first().waitFor();
  await until("something is drawn", async () => {
    const drawn = await page.locator("main canvas").first().screenshot();
    return drawn.length > 4_000 ? true : null;
  });
}

step("R66 from the dataset of LRMECS to its default plot", async () => {
  await logInAs(page, portal.url, "pi");
  await page.goto(`${portal.url}/datasets/lrmecs-3701-mgb2-8k`);
  await page.getByRole("link", { name: "Look inside the files" }).click();
  await page.waitForURL(/\/viewer\/lrmecs-3701-mgb2-8k/);
  await page.getByRole("heading", { level: 1, name: /MgB2/ }).waitFor();
  await demandDrawn();
  await page.getByText("Neutron Counts").first().waitFor();
  await picture(page, "viewer-lrmecs");
});

step("R66 the address has file and path: it shows the same to whoever opens it", async () => {
  await page
    .getByRole("treeitem", { name: /^entry/ })
    .first()
    .click();
  await page.waitForURL(/file=chopper.nxs&path=%2Fentry/);
  const address = page.url();
  await page.goto("about:blank");
  await page.goto(address);
  await page.locator('[role=treeitem][aria-selected=true][data-path="/entry"]').waitFor();
});

step("R11 R67 an analysis begins at this very path", async () => {
  await page.goto(`${portal.url}/viewer/lrmecs-3701-mgb2-8k?file=chopper.nxs&path=%2Fentry%2Fdata`);
  await demandDrawn();
  await page.getByRole("link", { name: "Analyse with this path" }).click();
  await page.waitForURL(/\/datasets\/lrmecs-3701-mgb2-8k\?file=chopper.nxs&path=/);
  await page.getByText("chopper.nxs /entry/data").waitFor();
  const started = page.waitForRequest(
    (request) => request.method() === "POST" && request.url().endsWith("/sessions"),
  );
  await page.getByRole("button", { name: "Start", exact: true }).click();
  const body = (await started).postDataJSON() as { readonly parameters: Record<string, string> };
  assert.deepEqual(body.parameters, {
    data_path: "/data/lrmecs-3701-mgb2-8k/chopper.nxs",
    hdf5_path: "/entry/data",
  });
});

const looks: readonly (readonly [what: string, dataset: string, query: string])[] = [
  ["the map of SANS2D", "sans2d-33837-map", ""],
  ["the detector of GISAXS", "aps-2022-gisaxs", ""],
  ["an image of SOLEIL", "soleil-2013-scan-101", ""],
];

for (const [what, dataset, query] of looks)
  step(`R66 ${what} is drawn`, async () => {
    await page.goto(`${portal.url}/viewer/${dataset}${query}`);
    await demandDrawn();
  });

step("R66 the master file of Diamond says what is missing, and no fill value is drawn", async () => {
  await page.goto(`${portal.url}/viewer/diamond-2019-therm-6-2?path=%2Fentry%2Fdata%2Fdata`);
  await page.getByText("Parts of this file cannot be shown").waitFor();
  await page
    .getByText(/its values are in files that are not here: Therm_6_2_000001.h5/)
    .first()
    .waitFor();
  assert.equal(await page.locator("main canvas").count(), 0);
});

step("what is refused or not there is said: no right, no dataset, no file, no log-in", async () => {
  for (const [path, said] of [
    ["/viewer/nsls-1998-polystyrene-spheres", /There is nothing|not released|no such dataset/i],
    ["/viewer/none", /no such dataset/],
    ["/viewer/lrmecs-3701-mgb2-8k?file=none.h5", /has no file none.h5/],
  ] as const) {
    await page.goto(portal.url + path);
    await page.locator("main.message").getByText(said).first().waitFor();
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    assert.deepEqual(
      violations.map(({ id }) => id),
      [],
    );
  }
  const stranger = await personAt(browser);
  const other = await stranger.newPage();
  await other.goto(`${portal.url}/viewer/lrmecs-3701-mgb2-8k?file=chopper.nxs`);
  await other.getByRole("heading", { name: "Log in for development" }).waitFor({ timeout: patience });
  await other.locator('button[value="pi"]').click();
  await other.waitForURL(/\/viewer\/lrmecs-3701-mgb2-8k\?file=chopper.nxs/, { timeout: patience });
  await stranger.close();
});

step(
  "our part of the page has no accessibility fault in bright and in dark; H5Web's own are known",
  async () => {
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.goto(`${portal.url}/viewer/lrmecs-3701-mgb2-8k`);
      await demandDrawn();
      const ours = await new AxeBuilder({ page }).setLegacyMode().exclude("main").analyze();
      assert.deepEqual(
        ours.violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`),
        [],
      );
      const theirs = await new AxeBuilder({ page }).setLegacyMode().include("main").analyze();
      console.log(
        `figure: H5Web's own accessibility faults (${scheme}): ${theirs.violations.map(({ id }) => id).join(", ") || "none"}`,
      );
    }
  },
);

step("nothing on it was refused by the content security policy", async () => {
  assert.deepEqual(faults, []);
});

step("R66 the page's own curl line, with an access token", async () => {
  const person = await logIn(portal.url, "pi");
  const { token } = await person.call("makeToken", { body: { name: "curl", scopes: ["read"] } });
  const [line] = blockCommands("docs/viewer.md");
  const command = (line?.command ?? "").replace("https://portal.example", portal.url);
  const { stdout } = await promisify(execFile)("sh", ["-c", `${command} --silent`], {
    env: { ...process.env, TOKEN: token },
  });
  assert.equal(JSON.parse(stdout).kind, "group");
});
