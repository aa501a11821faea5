import assert from "node:assert/strict";
import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { builtEnvironment } from "../../testing/built-environment.ts";
import { ask, runPython } from "../../testing/jupyter.ts";
import { launcherFiles, launcherZip } from "../launcher-files.ts";
import { dial, launcher, ways, withPlace } from "./testing/place.ts";

const environment = builtEnvironment("nexus");
const skip = environment === null ? "no environment is built on this machine" : false;
/** JupyterLab does not run as root. */
const uid = process.getuid?.() === 0 ? 61_001 : (process.getuid?.() as number);

for (const way of ways)
  test(`${way}: a real JupyterLab answers and runs a cell`, { skip }, () =>
    withPlace(async (place) => {
      const of = place.attempt();
      const folder = await place.layDown(of, way);
      const home = join(place.folder, "home");
      mkdirSync(home);
      for (const path of [home, join(folder, "tunnel.json")]) chownSync(path, uid, uid);
      const program = join(place.folder, "launcher.pyz");
      writeFileSync(program, launcherZip(launcherFiles(launcher)));
      const python = join(environment as string, "bin/python");
      // Short: kernels have sockets there.
      const env = { HOME: home, JUPYTER_RUNTIME_DIR: join(home, "run"), PATH: "/usr/bin:/bin" };
      place.start(folder, ["--data", folder, "--results", home], { python, program, env, uid });
      const inside = () => dial(place.tunnels, of);
      assert.equal((await ask(await inside(), "/api/status")).status, 200);
      assert.equal(await runPython(inside, "print(6 * 7)"), "42\n");
    }),
  );
