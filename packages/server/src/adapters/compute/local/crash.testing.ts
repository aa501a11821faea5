import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { LaunchSpec } from "@endstation/core";
import { never } from "@endstation/core/testing";
import { launcherFolder } from "../../../testing/session-world.ts";
import { createLocalProvider, localConfig } from "./index.ts";
import { noTunnels } from "./subject.testing.ts";

/** A portal that starts every session of a file and ends every second one; it is killed somewhere on the way. */
const { stateFolder, runFolder, specs } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as {
  stateFolder: string;
  runFolder: string;
  specs: LaunchSpec[];
};
const provider = createLocalProvider({
  ...localConfig.parse({ graceSeconds: 1, cpuOvercommit: 50, prepared: 1 }),
  ...{ name: "local", stateFolder, runFolder, launcherFolder, clock: { now: Date.now } },
  tunnels: noTunnels(stateFolder),
});
console.log("begun");
await Promise.all(
  specs.map(async (spec, number) => {
    const { handle } = await provider.launch(spec, never);
    if (number % 2 === 0) return;
    await sleep(100 * number);
    await provider.terminate({ sessionId: spec.sessionId, handle }, never);
  }),
);
await sleep(60_000);
