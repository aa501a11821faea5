import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { compose } from "../../packages/server/src/compose/compose.ts";
import { readConfig } from "../../packages/server/src/config/index.ts";
import { ToyProvider } from "../../packages/server/src/runner/testing/toy-provider.ts";
import { openDatabase } from "../../packages/server/src/store/database.ts";
import { testPostgres } from "../../packages/server/src/store/testing.ts";
import { demonstrationFacility } from "../../packages/server/src/testing/archive.ts";
import { freePort } from "./portal.ts";

export interface InProcessPortal {
  readonly url: string;
  readonly provider: ToyProvider;
  close(): Promise<void>;
}

/** A whole portal within the test's process: real database, archive and gateway; its sessions are of a toy provider. */
export async function startInProcess(): Promise<InProcessPortal> {
  const state = await mkdtemp(join(tmpdir(), "endstation-within-"));
  const file = await demonstrationFacility();
  const config = readConfig({
    argv: ["--state", state, "--port", String(await freePort())],
    env: process.env,
  });
  const provider = new ToyProvider({ now: () => Date.now() });
  const portal = await compose({
    config: { ...config, catalogues: [{ name: "demo", type: "folder", file }] },
    machine: {
      database: await freshDatabase(),
      environments: { nexus: { path: "/nowhere" } },
      webFolder: null,
      launcherFolder: state,
    },
    providers: new Map([["toy", provider]]),
    log: pino({ level: process.env["ENDSTATION_TEST_LOG"] ?? "silent" }),
  });
  await portal.harvested;
  await portal.app.listen({ host: "127.0.0.1", port: config.listen.port });
  const close = async () => {
    await portal.close();
    await rm(state, { recursive: true, force: true });
  };
  return { url: config.publicUrl, provider, close };
}

async function freshDatabase() {
  const { connection } = await testPostgres();
  const keeper = openDatabase({ ...connection, database: "postgres", max: 1 });
  await keeper.pool.query("CREATE DATABASE within");
  await keeper.close();
  return { ...connection, database: "within" };
}
