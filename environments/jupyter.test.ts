import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { get } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { buildEnvironments } from "./build.mjs";
import { softwareFolder, temporaryFolder } from "./test-support.ts";

const HOST = "jupyter.localhost";

interface PageConfiguration {
  disabledExtensions: Record<string, boolean> | string[];
  federated_extensions: { name: string }[];
}

describe("JupyterLab with the shared configuration", () => {
  let server: ChildProcess;
  let home: string;
  let log: Promise<string>;

  before(async () => {
    const { nexus } = await buildEnvironments({ softwareFolder, names: ["nexus"] });
    assert.ok(nexus);
    home = await temporaryFolder("lab");
    const options = [
      "no-browser",
      "allow-root",
      "IdentityProvider.token=",
      `ServerApp.local_hostnames=${HOST}`,
    ];
    const words = [...options, `ServerApp.sock=${home}/s`, `ServerApp.root_dir=${home}`].map(
      (word) => `--${word}`,
    );
    const env = { HOME: home, PATH: "/usr/bin:/bin" };
    const program = join(nexus.path, "bin/jupyter-lab");
    server = spawn(program, words, { env, cwd: home, stdio: ["ignore", "ignore", "pipe"] });
    assert.ok(server.stderr);
    log = text(server.stderr);
    await untilItAnswers();
  });

  after(async () => {
    server.kill();
    if (server.exitCode === null) await once(server, "exit");
    await rm(home, { recursive: true, force: true });
  });

  async function untilItAnswers(): Promise<void> {
    for (let tries = 0; tries < 600; tries += 1) {
      const answer = await ask("/api/status").catch(() => null);
      if (answer?.status === 200) return;
      assert.equal(server.exitCode, null, "it ended by itself");
      await setTimeout(100);
    }
    assert.fail(`no answer in a minute:\n${server.kill() && (await log)}`);
  }

  function ask(path: string): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const options = { socketPath: join(home, "s"), path, headers: { host: HOST } };
      const request = get(options, async (response) => {
        resolve({ status: response.statusCode ?? 0, body: await text(response) });
      });
      request.on("error", reject);
    });
  }

  async function pageConfiguration(): Promise<PageConfiguration> {
    const { body } = await ask("/lab");
    const found = /id="jupyter-config-data"[^>]*>([^<]*)</.exec(body);
    return JSON.parse(found?.[1] ?? "{}") as PageConfiguration;
  }

  it("R66 has the viewer for HDF5 files", async () => {
    const { federated_extensions } = await pageConfiguration();
    assert.ok(federated_extensions.some(({ name }) => name === "jupyterlab-h5web"));
  });

  it("R59 asks nobody for news or updates, and manages no extensions", async () => {
    const { disabledExtensions } = await pageConfiguration();
    const off = Array.isArray(disabledExtensions) ? disabledExtensions : Object.keys(disabledExtensions);
    for (const name of ["apputils-extension:announcements", "extensionmanager-extension", "lsp-extension"])
      assert.ok(off.includes(`@jupyterlab/${name}`), `${name} is off among ${off}`);
    const settings = await ask("/lab/api/settings/@jupyterlab/apputils-extension:notification");
    const { schema } = JSON.parse(settings.body) as {
      schema: { properties: { fetchNews: { default: string } } };
    };
    assert.equal(schema.properties.fetchNews.default, "false");
    assert.equal(JSON.parse((await ask("/lab/api/news")).body).news.length, 0);
  });

  it("R32 starts the kernel of a notebook without asking which", async () => {
    const settings = await ask("/lab/api/settings/@jupyterlab/notebook-extension:tracker");
    const { schema } = JSON.parse(settings.body) as {
      schema: { properties: { autoStartDefaultKernel: { default: boolean } } };
    };
    assert.equal(schema.properties.autoStartDefaultKernel.default, true);
  });

  it("R59 starts no server extension whose page is off", async () => {
    server.kill();
    const lines = await log;
    assert.match(lines, /jupyterlab_h5web \| extension was successfully loaded/);
    assert.doesNotMatch(
      lines,
      /(jupyter_lsp|jupyter_resource_usage|notebook_shim) \| extension was successfully loaded/,
    );
  });
});
