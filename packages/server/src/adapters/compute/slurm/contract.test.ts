import type { Duplex } from "node:stream";
import { after, describe, test } from "node:test";
import { computeProviderContract } from "@endstation/core/testing";
import { builtEnvironment } from "../../../testing/built-environment.ts";
import { engine } from "../../../testing/engines.ts";
import { startSshd, whyNoSshd } from "../../../transports/testing/sshd.ts";
import { createSlurmSubject } from "./subject.testing.ts";

/** The contract on a real Slurm, with real JupyterLabs: all of it by its REST interface and by its command line. */
const environment = builtEnvironment("nexus");
const found = engine("slurm");
const unbuilt =
  environment === null ? "the environment nexus is not built on this machine (npm start builds it)" : null;
const why = "reason" in found ? found.reason : unbuilt;

/** What differs when commands run at the end of ssh: how a job is submitted, its folder made, and both read. */
const overSsh =
  /R20|six times at once|called off midway|nothing of it stays|answer was lost|R32|R31 R73|R24 what waits|reservation/;

for (const way of ["rest", "commands", "ssh"] as const) {
  const reason = why ?? (way === "ssh" ? whyNoSshd() : null);
  describe(`slurm, by ${way}`, { skip: reason ?? false }, async () => {
    if ("reason" in found || environment === null || reason !== null) return;
    const sshd = way === "ssh" ? await startSshd(found.settings.users.map(({ name }) => name)) : undefined;
    const subject = await createSlurmSubject({
      cluster: found.settings,
      environment,
      way,
      ...(sshd === undefined ? {} : { sshd }),
    });
    after(async () => {
      await subject.close();
      await sshd?.stop();
    });
    for (const { name, skip: skipFor, run } of computeProviderContract<Duplex>(subject)) {
      if (way === "ssh" && !overSsh.test(name)) continue;
      const skipped = skipFor(subject);
      test(name, skipped === null ? {} : { skip: skipped }, () => run(subject));
    }
  });
}
