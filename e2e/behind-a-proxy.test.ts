import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { demonstrationFacility } from "../packages/server/src/testing/archive.ts";
import { type Issuer, startIssuer } from "./attacks/support/issuer.ts";
import { type Certificate, certificateIn } from "./fronts/certificate.ts";
import { type RunningFront, startFront } from "./fronts/front.ts";
import { fronts, programOf } from "./fronts/programs.ts";
import { launchBrowser, personAt } from "./support/browser.ts";
import { Lab } from "./support/jupyterlab.ts";
import { freePort, portalOn, type RunningPortal, removePortal, stateFolder } from "./support/portal.ts";
import { newTab } from "./support/steps.ts";

/** Each file of docs/deploy/behind-a-proxy.md with the real program, before a whole portal and a real session. */
const origin = "https://analysis.example.org";
let folder: string;
let issuer: Issuer;
let portal: RunningPortal;
let certificate: Certificate;

before(async () => {
  if (fronts.every((name) => programOf(name) === null)) return;
  folder = await mkdtemp(join(tmpdir(), "est-fronts-"));
  certificate = certificateIn(folder, ["analysis.example.org", "*.sessions.example.net"]);
  issuer = await startIssuer();
  const state = await stateFolder();
  const port = await freePort();
  const config = {
    ...{ publicUrl: origin, sessionsDomain: "sessions.example.net", trustedProxies: ["127.0.0.1"] },
    listen: { host: "127.0.0.1", port },
    identity: { issuer: issuer.url, clientId: issuer.clientId },
    catalogues: [{ name: "demo", type: "folder", file: await demonstrationFacility() }],
    compute: [{ name: "local", type: "local" }],
  };
  const file = join(folder, "config.yaml");
  await writeFile(file, JSON.stringify(config));
  portal = portalOn(port, state, ["--state", state, "--config", file]);
  await portal.start();
});

after(async () => {
  if (portal !== undefined) await removePortal(portal);
  await issuer?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

for (const [n, name] of fronts.entries()) {
  const skip =
    programOf(name) === null &&
    `${name} is not on this machine; node e2e/fronts/programs.ts fetches nginx and caddy`;
  describe(`behind ${name}, with the page's own file`, { skip }, () => {
    let front: RunningFront;
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    let session: string;
    let lab: Lab;
    /** Callers of this front's own, so that what the portal counts of one is not another's. */
    const caller = (which: number) => `127.0.${n + 1}.${which}`;

    before(async () => {
      const own = join(folder, name);
      await mkdir(own);
      front = await startFront(name, own, portal.port, certificate);
      browser = await launchBrowser([
        `--host-resolver-rules=MAP *.example.org 127.0.0.1:${front.port}, MAP *.example.net 127.0.0.1:${front.port}`,
        `--ignore-certificate-errors-spki-list=${certificate.spki}`,
      ]);
      context = await personAt(browser);
      context.setDefaultTimeout(120_000);
      page = await context.newPage();
    });

    after(async () => {
      await browser?.close();
      await front?.close();
    });

    test("she logs in, over HTTP/2", async () => {
      await page.goto(`${origin}/auth/login?returnTo=/`);
      await page.getByRole("heading", { name: "My experiments" }).waitFor();
      const protocol = await page.evaluate(
        () => performance.getEntriesByType("navigation")[0]?.toJSON().nextHopProtocol,
      );
      assert.equal(protocol, "h2");
    });

    test("a session's start is told of at once by server-sent events", async () => {
      const { id, told } = await page.evaluate(startAndListen);
      session = id;
      assert.match(told, /event: hello[\s\S]*"resource"/);
    });

    test("a session opens and a cell runs over its WebSocket", async () => {
      await page.goto(`${origin}/sessions/${session}`);
      await page.getByRole("status").filter({ hasText: "Running" }).waitFor();
      const tab = await newTab(context, () => page.getByRole("link", { name: /^Open/ }).click());
      lab = new Lab(tab);
      await lab.ready();
      assert.match(new URL(tab.url()).hostname, /^[a-z2-7]{26}\.sessions\.example\.net$/);
      assert.equal(await lab.run("print(6 * 7)"), "42");
    });

    test("100 MB go up and come back whole", async () => {
      const block = randomBytes(3 * 1024 * 1024);
      const blocks = 34;
      const whole = createHash("sha256");
      for (let n = 0; n < blocks; n += 1) whole.update(block);
      const given = { block: block.toString("base64"), blocks };
      const { status, bytes, sha256 } = await lab.page.evaluate(upAndDown, given);
      assert.ok(status === 200 || status === 201, `${status}; 200: there was one of that name`);
      assert.deepEqual([bytes, sha256], [block.length * blocks, whole.digest("hex")]);
    });

    test("what a caller says of where she comes from is not believed, and others are not taken for her", async () => {
      const ca = await readFile(certificate.authority);
      const statuses = new Set<number>();
      for (let tries = 0; tries < 70; tries += 1) {
        const forged = `203.0.113.${tries}`;
        const headers = { "x-forwarded-for": forged, "x-real-ip": forged, forwarded: `for=${forged}` };
        statuses.add(await guess(front.port, ca, caller(2), headers));
      }
      assert.deepEqual(statuses, new Set([401, 429]), "guessing is braked, whoever she says she is");
      assert.equal(await guess(front.port, ca, caller(3), {}), 401, "another caller is another");
    });
  });
}

/** In the portal's page: starts a session, and answers what the stream of hints then says. */
async function startAndListen(): Promise<{ id: string; told: string }> {
  const stream = await fetch("/api/v1/events");
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  const started = await fetch("/api/v1/sessions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ environment: "nexus" }),
  });
  const { id } = (await started.json()) as { id: string };
  let told = "";
  while (reader !== undefined && !told.includes('"resource"')) told += (await reader.read()).value ?? "";
  await reader?.cancel();
  return { id, told };
}

/** In JupyterLab's page: puts a file and gets it back. */
async function upAndDown({ block, blocks }: { block: string; blocks: number }) {
  const xsrf = /_xsrf=([^;]+)/.exec(document.cookie)?.[1] ?? "";
  const put = await fetch("/api/contents/large.bin", {
    method: "PUT",
    headers: { "X-XSRFToken": xsrf, "content-type": "application/json" },
    body: `{"type":"file","format":"base64","content":"${block.repeat(blocks)}"}`,
  });
  const body = await (await fetch("/files/large.bin")).arrayBuffer();
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  const sha256 = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { status: put.status, bytes: body.byteLength, sha256 };
}

/** Shows a wrong access token, from an address of this machine. */
function guess(
  port: number,
  ca: Buffer,
  localAddress: string,
  headers: Record<string, string>,
): Promise<number> {
  const options = { host: "127.0.0.1", port, ca, localAddress, path: "/api/v1/me", agent: false as const };
  const servername = "analysis.example.org";
  return new Promise((resolve, reject) => {
    const said = { host: servername, authorization: `Bearer est_${"x".repeat(43)}`, ...headers };
    const sent = request({ ...options, servername, headers: said }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on("error", reject).end();
  });
}
