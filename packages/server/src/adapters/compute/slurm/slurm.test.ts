import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type LaunchSpec, Rejected } from "@endstation/core";
import { never } from "@endstation/core/testing";
import { builtEnvironment } from "../../../testing/built-environment.ts";
import { engine } from "../../../testing/engines.ts";
import { runPython } from "../../../testing/jupyter.ts";
import { startSshd, whyNoSshd } from "../../../transports/testing/sshd.ts";
import { jobsNamed, sleeper, slurmCommand, until } from "./engine.testing.ts";
import { jobNameOf } from "./names.ts";
import { createSlurmSubject, type SlurmSubject, seenOf, untilSeen } from "./subject.testing.ts";

/** What the contract does not say of a real Slurm. */
const environment = builtEnvironment("nexus");
const found = engine("slurm");
const unbuilt =
  environment === null ? "the environment nexus is not built on this machine (npm start builds it)" : null;
const why = "reason" in found ? found.reason : unbuilt;

describe("slurm", { skip: why ?? false }, () => {
  let subject: SlurmSubject;
  before(async () => {
    if ("reason" in found || environment === null) return;
    subject = await createSlurmSubject({ cluster: found.settings, environment, way: "rest" });
  });
  after(() => subject?.close());

  const command = (words: string, as?: string) => slurmCommand(subject.cluster, words.split(" "), as);
  const idOf = async (spec: LaunchSpec) => (await jobsNamed(subject.cluster, jobNameOf(spec)))[0] as number;
  const withLaunched = async (
    spec: LaunchSpec,
    body: (handle: string) => Promise<void>,
    provider = subject.provider,
  ) => {
    try {
      await body((await provider.launch(spec, never)).handle);
    } finally {
      await provider.terminate({ sessionId: spec.sessionId, handle: null }, never);
    }
  };
  const is = (state: string) => (seen: { observation: { state: string } } | undefined) =>
    seen?.observation.state === state;

  test("a batch job that Slurm queues again is the next attempt under the same handle, with a way to the portal of its own", async () => {
    const script = `import os, time
mark = "/results/" + os.environ["ENDSTATION_SESSION"]
if os.path.exists(mark):
    print("again", flush=True)
else:
    open(mark, "w").close()
    print("first", flush=True)
    time.sleep(600)
`;
    const spec = await subject.spec({ job: { script, arguments: [] } });
    await withLaunched(spec, async (handle) => {
      const { provider } = subject;
      const log = () =>
        provider.logs?.({ sessionId: spec.sessionId, handle }, 10_000, never) ?? Promise.resolve("");
      await until("the first attempt runs", async () => (await log()).includes("first"));
      const id = await idOf(spec);
      await command(`scontrol requeue ${id}`);
      const queued = await untilSeen(provider, handle, (seen) => seen?.attempt === 2 && is("queued")(seen));
      assert.equal(queued?.sessionId, spec.sessionId);
      await untilSeen(provider, handle, () => existsSync(join(subject.folderOf(handle), "tunnel.json")));
      assert.equal(
        JSON.parse(readFileSync(join(subject.folderOf(handle), "tunnel.json"), "utf8")).attempt,
        2,
      );
      await until("it may begin", async () => {
        await command(`scontrol update jobid=${id} StartTime=now`).catch(() => {});
        return (await log()).includes("again");
      });
      const gone = await untilSeen(provider, handle, is("gone"));
      assert.deepEqual([gone?.attempt, gone?.observation], [2, { state: "gone", exitCode: 0, cause: null }]);
      assert.equal((await log()).match(/connected to the portal/g)?.length, 2);
    });
  });

  test("an interactive session asks Slurm not to queue it again", async () => {
    const spec = await subject.spec();
    await withLaunched(spec, async (handle) => {
      await untilSeen(subject.provider, handle, is("running"));
      await assert.rejects(command(`scontrol requeue ${await idOf(spec)}`));
      assert.equal((await seenOf(subject.provider, handle))?.attempt, 1);
    });
  });

  test("R24 a job that would wait for ever is ended with Slurm's reason", async () => {
    const blocking = await sleeper(subject.cluster, ["-p", "debug", "-c", "16", "--mem=100"]);
    await blocking.runs();
    const spec = await subject.spec();
    try {
      await withLaunched(spec, async (handle) => {
        await untilSeen(subject.provider, handle, is("queued"));
        await command("scontrol update partitionname=debug MaxTime=1");
        const gone = await untilSeen(subject.provider, handle, is("gone"));
        const cause = gone?.observation.state === "gone" ? gone.observation.cause : null;
        assert.equal(cause?.code, "launch-rejected");
        assert.match(cause?.detail ?? "", /Partition(TimeLimit|Config)/);
        await until(
          "its job is cancelled",
          async () => (await jobsNamed(subject.cluster, jobNameOf(spec))).length === 0,
        );
      });
    } finally {
      await command("scontrol update partitionname=debug MaxTime=60");
      await blocking.end();
    }
  });

  test("R43 data with a hostile name are mounted, and what looks like a directive of Slurm's is none", async () => {
    const spec = await subject.spec();
    const name = "it's $(touch pwned) `x`\n#SBATCH --time=1\n; ☃";
    const source = join(
      spec.mounts.find(({ target }) => target === "/data/sample")?.source ?? "",
      "..",
      name,
    );
    mkdirSync(source);
    writeFileSync(join(source, "there"), "yes");
    const mounts = [...spec.mounts, { source, target: "/data/hostile", readOnly: true }];
    await withLaunched({ ...spec, mounts }, async (handle) => {
      await untilSeen(subject.provider, handle, is("running"));
      assert.equal((await command(`squeue -h -j ${await idOf(spec)} -o %l`)).trim(), "1:00:00");
      const target = { sessionId: spec.sessionId, handle };
      const code = 'print(open("/data/hostile/there").read())';
      assert.equal(await runPython(() => subject.provider.dial(target, "jupyter", never), code), "yes\n");
    });
  });

  test("R43 the ticket lies in a folder for its account alone, and in nothing that a job is told", async () => {
    const spec = await subject.spec();
    await withLaunched(spec, async (handle) => {
      const folder = subject.folderOf(handle);
      const of = (path: string) => [statSync(path).uid, statSync(path).mode & 0o777];
      assert.deepEqual(
        [of(folder), of(join(folder, "tunnel.json"))],
        [
          [spec.posix.uid, 0o700],
          [spec.posix.uid, 0o600],
        ],
      );
      const { key } = JSON.parse(readFileSync(join(folder, "tunnel.json"), "utf8"));
      await untilSeen(subject.provider, handle, is("running"));
      const script = await command(`scontrol write batch_script ${await idOf(spec)} -`);
      assert.ok(script.includes("launcher.pyz") && !script.includes(key));
      const code = `import os; print([path for path, _, names in os.walk("/") if "tunnel.json" in names], os.environ)`;
      const target = { sessionId: spec.sessionId, handle };
      const seen = await runPython(() => subject.provider.dial(target, "jupyter", never), code);
      assert.match(seen, /^\[\] /);
      assert.ok(!seen.includes(key));
    });
  });

  test("two portals on one cluster do not see each other's sessions, nor end them", async () => {
    const spec = await subject.spec();
    const other = await subject.open({ owner: "another-portal" });
    await withLaunched(spec, async (handle) => {
      await untilSeen(subject.provider, handle, is("running"));
      const strange = await createSlurmSubject({
        cluster: subject.cluster,
        environment: environment ?? "",
        way: "commands",
      });
      try {
        assert.deepEqual(
          [await seenOf(other, handle), await seenOf(strange.provider, handle)],
          [undefined, undefined],
        );
        await strange.provider.terminate({ sessionId: spec.sessionId, handle: null }, never);
        await strange.provider.terminate({ sessionId: spec.sessionId, handle }, never);
        assert.equal((await seenOf(subject.provider, handle))?.observation.state, "running");
      } finally {
        await strange.close();
      }
    });
  });

  test("another machine of the same portal, which has no notes of a session, sees it and can end it", async () => {
    const spec = await subject.spec();
    const owner = "one-portal";
    const here = await subject.open({ owner });
    await withLaunched(
      spec,
      async (handle) => {
        const elsewhere = await createSlurmSubject({
          cluster: subject.cluster,
          environment: environment ?? "",
          way: "commands",
          config: { owner },
        });
        try {
          await untilSeen(elsewhere.provider, handle, is("running"));
          await elsewhere.provider.terminate({ sessionId: spec.sessionId, handle: null }, never);
          await untilSeen(here, handle, is("gone"));
          await untilSeen(elsewhere.provider, handle, is("gone"));
        } finally {
          await elsewhere.close();
        }
      },
      here,
    );
  });

  test("who has no account on the cluster is told what to do; a map of accounts counts before user ids", async () => {
    const spec = await subject.spec();
    const stranger = { ...spec, posix: { ...spec.posix, uid: 1_234_567 } };
    const refused = await subject.provider.launch(stranger, never).catch((error: unknown) => error);
    assert.ok(refused instanceof Rejected);
    assert.equal(refused.refusal.code, "launch-rejected");
    assert.match(
      refused.refusal.detail,
      /one has no account on the cluster: write "one: NAME" into accounts of slurm/,
    );
    const mapping = await subject.open({ accounts: { one: "esother" } });
    const two = await subject.spec({ person: "two", sessionId: spec.sessionId });
    const mounts = [...two.mounts];
    await withLaunched(
      { ...stranger, mounts },
      async () => {
        assert.equal((await command(`squeue -h -j ${await idOf(spec)} -o %u`)).trim(), "esother");
      },
      mapping,
    );
    const root = await subject.open({ accounts: { one: "root" } });
    await assert.rejects(root.launch(await subject.spec(), never), /is root/);
  });

  test("as: account runs everybody as one account", async () => {
    const provider = await subject.open({ as: "account", account: "espi" });
    const spec = await subject.spec();
    const stranger = { ...spec, posix: { ...spec.posix, uid: 1_234_567 } };
    await withLaunched(
      stranger,
      async (handle) => {
        await untilSeen(provider, handle, is("running"));
        assert.equal((await command(`squeue -h -j ${await idOf(spec)} -o %u`)).trim(), "espi");
      },
      provider,
    );
  });

  test("tokens by scontrol, where the key is not given", async () => {
    const rest = { url: "http://localhost", socket: subject.cluster.restSocket, operator: "root" };
    const provider = await subject.open({ rest });
    const spec = await subject.spec();
    await withLaunched(
      spec,
      async (handle) => void (await untilSeen(provider, handle, is("running"))),
      provider,
    );
  });

  test("a wrong key is no answer, and no empty list", async () => {
    const keyFile = join(subject.stateFolder, "wrong-key");
    writeFileSync(keyFile, "x".repeat(32));
    const rest = { url: "http://localhost", socket: subject.cluster.restSocket, operator: "root", keyFile };
    const provider = await subject.open({ rest });
    await assert.rejects(seenOf(provider, "s.1"), { name: "Unavailable" });
    await assert.rejects(provider.launch(await subject.spec(), never), { name: "Unavailable" });
  });

  test("a module is loaded before the session begins, and its software seen inside", {
    skip: existsSync("/usr/share/modules/init/bash")
      ? false
      : "environment-modules is not installed (apt-get install environment-modules)",
  }, async () => {
    const folder = join(subject.folder, "modules");
    mkdirSync(folder);
    writeFileSync(
      join(folder, "analysis"),
      `#%Module\nprepend-path PATH ${environment}/bin\nsetenv ANALYSIS yes\n`,
    );
    const profile = join(subject.cluster.conf, "../../home/espi/.bash_profile");
    writeFileSync(profile, `module use ${folder}\n`);
    chmodSync(profile, 0o644);
    const provider = await subject.open({ readable: [environment ?? ""] });
    const spec = await subject.spec({ source: { module: "analysis" } });
    try {
      await withLaunched(
        spec,
        async (handle) => {
          const target = { sessionId: spec.sessionId, handle };
          await untilSeen(provider, handle, is("running"));
          const code = 'import os, sys; print(os.environ["ANALYSIS"], sys.prefix, os.getcwd())';
          const said = await runPython(() => provider.dial(target, "jupyter", never), code);
          assert.equal(said, `yes ${environment} /home/user\n`);
        },
        provider,
      );
      const missing = await subject.spec({ source: { module: "no-such" } });
      await withLaunched(
        missing,
        async (handle) => {
          const gone = await untilSeen(provider, handle, is("gone"));
          assert.match(JSON.stringify(gone?.observation), /launch-rejected.*the module no-such is not there/);
        },
        provider,
      );
    } finally {
      rmSync(profile);
    }
  });

  test("over ssh one account logs in and becomes each owner by sudo", {
    skip: whyNoSshd() ?? (existsSync("/usr/bin/sudo") ? false : "sudo is not installed"),
  }, async () => {
    const sshd = await startSshd(["root"]);
    const { host, port, identityFile, knownHostsFile } = sshd;
    const { cluster } = subject;
    const config = { ssh: { host, port, identityFile, knownHostsFile, user: "root" } };
    const far = await createSlurmSubject({
      cluster,
      environment: environment ?? "",
      way: "ssh",
      sshd,
      config,
    });
    try {
      const spec = await far.spec({ person: "two" });
      const { handle } = await far.provider.launch(spec, never);
      await untilSeen(far.provider, handle, is("running"));
      assert.equal(statSync(far.folderOf(handle)).uid, spec.posix.uid);
      assert.equal((await command(`squeue -h -j ${await idOf(spec)} -o %u`)).trim(), "esother");
    } finally {
      await far.close();
      await sshd.stop();
    }
  });
});
