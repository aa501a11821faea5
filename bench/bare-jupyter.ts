import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childEnvironment } from "../environments/lib/run.mjs";
import { secondsUntilOk } from "./bench.ts";
import { peersIn } from "./jupyterhub/hub.ts";
import { freePort, startProgram } from "./processes.ts";

/** Seconds from starting `jupyter-lab`, with its defaults, to its answer at `/api/status`. */
export async function startBareJupyter(softwareFolder: string): Promise<number> {
  const { python } = peersIn(softwareFolder);
  const folder = await mkdtemp(join(tmpdir(), "endstation-bare-"));
  const port = await freePort();
  const words = [
    "--no-browser",
    "--allow-root",
    "--ip=127.0.0.1",
    `--port=${port}`,
    "--IdentityProvider.token=bench",
  ];
  const since = performance.now();
  const env = { ...childEnvironment(folder, { HOME: folder }), PATH: `${python}:${process.env["PATH"]}` };
  const program = startProgram(join(python, "jupyter-lab"), words, { cwd: folder, env });
  try {
    return await secondsUntilOk(() => fetch(`http://127.0.0.1:${port}/api/status?token=bench`), since);
  } finally {
    await program.end();
    await rm(folder, { recursive: true, force: true });
  }
}
