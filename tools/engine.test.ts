import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type EngineName, engine } from "../packages/server/src/testing/engines.ts";

const program = join(import.meta.dirname, "engine.ts");
const scripts = join(import.meta.dirname, "engines");
const isRoot = process.getuid?.() === 0;
const onlyRoot = isRoot ? false : "engines need root";

const call = (words: readonly string[], environment = process.env) =>
  spawnSync(process.execPath, [program, ...words], { encoding: "utf8", env: environment });

/** A machine without engines: a root folder of its own. */
function noEngines(t: TestContext): NodeJS.ProcessEnv & { ENDSTATION_ENGINES: string } {
  const folder = mkdtempSync(join(tmpdir(), "engines-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return { ...process.env, ENDSTATION_ENGINES: folder, ENDSTATION_REQUIRE_ENGINES: "" };
}

test("with nothing, an unknown engine, an unknown verb or a part too many it says what there is", () => {
  const wrong = [
    [],
    ["podman", "up"],
    ["docker"],
    ["docker", "begin"],
    ["slurm", "up", "n1"],
    ["slurm", "kill"],
  ];
  for (const words of [...wrong, ["all", "kill", "dockerd"]]) {
    const { status, stderr } = call(words);
    assert.equal(status, 2, words.join(" "));
    assert.match(stderr, /^npm run engine -- NAME VERB/);
  }
});

test("status is a table, and says what is down", { skip: onlyRoot }, (t) => {
  const { status, stdout } = call(["all", "status"], noEngines(t));
  assert.equal(status, 1);
  assert.deepEqual(
    stdout.split("\n").map((line) => line.split(/ {2,}/)),
    [
      ["engine", "state", "version", "address"],
      ...["docker", "slurm", "kubernetes"].map((name) => [name, "down", "-", "-"]),
      [""],
    ],
  );
});

test("a part that an engine has not is refused, with those that it has", { skip: onlyRoot }, (t) => {
  const { status, stderr } = call(["slurm", "kill", "systemd"], noEngines(t));
  assert.equal(status, 1);
  assert.match(stderr, /there is no systemd; there are slurmrestd slurmd-n1 slurmd-n2 slurmctld munged/);
});

test("tests are told why an engine is not there", (t) => {
  const reason = "docker is not up on this machine (npm run engine -- docker up)";
  const environment = noEngines(t);
  assert.deepEqual(engine("docker", environment), { reason });
  const required = { ...environment, ENDSTATION_REQUIRE_ENGINES: "slurm, docker" };
  assert.throws(() => engine("docker", required), { message: reason });
  assert.throws(() => engine("slurm", required), /^Error: slurm is not up/);
  assert.ok("reason" in engine("kubernetes", required));
});

test("an engine that was killed with its machine counts as down", (t) => {
  const environment = noEngines(t);
  const settings = {
    name: "keycloak",
    script: "/bin/false",
    issuer: "http://127.0.0.1:1",
    clientId: "endstation",
  };
  const rest = { clientSecretFile: "/nothing", accounts: [] };
  writeFileSync(
    join(environment.ENDSTATION_ENGINES, "keycloak.json"),
    JSON.stringify({ ...settings, ...rest }),
  );
  assert.match(JSON.stringify(engine("keycloak", environment)), /keycloak is not up/);
});

const names: readonly EngineName[] = ["docker", "docker-remapped", "slurm", "kubernetes", "keycloak"];
for (const name of names) {
  const found = engine(name);
  test(`${name} that is up says so`, { skip: "reason" in found ? found.reason : false }, () => {
    const { status, stdout } = call([name, "status"]);
    assert.equal(status, 0);
    assert.match(stdout, new RegExp(`^${name} +up +v?\\d`, "m"));
  });
}

test("the scripts are good shell", () => {
  for (const script of readdirSync(scripts).filter((file) => file.endsWith(".sh"))) {
    const { status, stderr } = spawnSync("bash", ["-n", join(scripts, script)], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
  }
});
