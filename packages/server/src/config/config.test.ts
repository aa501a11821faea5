import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { EndstationError } from "@endstation/core";
import { exampleConfig } from "./example.ts";
import { type Config, demandDevelopment, developmentGuard, listenAddresses, readConfig } from "./index.ts";
import { isLoopbackHost } from "./loopback.ts";
import { nearest } from "./nearest.ts";
import { configReference, referenceFile } from "./reference.ts";

const folder = mkdtempSync("/tmp/es-config-");
after(() => rmSync(folder, { recursive: true, force: true }));

const file = join(folder, "endstation.yaml");

function read(text: string, env: Record<string, string> = {}, argv: readonly string[] = []): Config {
  writeFileSync(file, text);
  return readConfig({ argv: ["--config", file, ...argv], env });
}

function faultOf(work: () => unknown): EndstationError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof EndstationError, String(error));
    return error;
  }
  assert.fail("it was accepted");
}

test("one process on this machine, several for others, or as many as are asked for", () => {
  assert.equal(read("").workers, 1);
  const others = "publicUrl: https://portal.example.org\nsessionsDomain: sessions.example.net\n";
  const { workers } = read(others);
  assert.ok(workers === Math.min(availableParallelism(), 4), `${workers}`);
  assert.equal(read(`${others}workers: 3`).workers, 3);
  assert.match(faultOf(() => read("workers: 0")).detail, /workers/);
});

test("without a file: a demonstration on this machine, with what is usual", () => {
  const config = readConfig({ argv: [], env: { HOME: "/home/someone" } });
  assert.equal(config.publicUrl, "http://localhost:8080");
  assert.deepEqual(listenAddresses(config), ["127.0.0.1", "::1"]);
  assert.equal(config.demo, true);
  assert.equal(config.identity, null);
  assert.deepEqual(
    config.flavours.map(({ name, cpus, memoryMiB }) => [name, cpus, memoryMiB]),
    [
      ["small", 1, 2048],
      ["medium", 2, 4096],
      ["large", 4, 8192],
    ],
  );
  assert.deepEqual(
    config.catalogues.map(({ name, type }) => [name, type]),
    [["demo", "folder"]],
  );
  assert.equal(config.compute[0]?.type, "local");
  const state = process.getuid?.() === 0 ? "/var/lib/endstation" : "/home/someone/.local/state/endstation";
  assert.deepEqual([config.stateFolder, config.softwareFolder], [state, join(state, "software")]);
  assert.deepEqual(config.life, {
    startWithin: 600_000,
    warnBefore: 1_800_000,
    idleAfter: 43_200_000,
    terminateAgainAfter: 60_000,
  });
  developmentGuard(config);
});

test("an option stands over the environment, the environment over the file", () => {
  const text = "listen: { port: 1111 }\nstateFolder: state-a";
  assert.equal(read(text).listen.port, 1111);
  assert.equal(read(text).stateFolder, join(folder, "state-a"));
  const env = {
    ENDSTATION_PORT: "2222",
    ENDSTATION_STATE: "/b",
    ENDSTATION_SOFTWARE: "/s",
    DATABASE_URL: "",
  };
  assert.deepEqual([read(text, env).listen.port, read(text, env).stateFolder], [2222, "/b"]);
  assert.equal(read(text, env).softwareFolder, "/s");
  const third = read(text, env, ["--port=3333", "--state", "/c", "--no-install"]);
  assert.deepEqual([third.listen.port, third.stateFolder, third.install], [3333, "/c", false]);
  assert.equal(third.publicUrl, "http://localhost:3333");
  assert.equal(third.storage.homes, "/c/homes");
  writeFileSync(file, text);
  assert.equal(readConfig({ argv: [], env: { ENDSTATION_CONFIG: file } }).listen.port, 1111);
});

test("a typo is told with its line and the nearest key, and all faults are told at once", () => {
  const error = faultOf(() =>
    read(
      `listen:
  prot: 8080
sesionsDomain: apps.example.org
limits:
  sessionsPerPerson: many
  lifetimeHours: 0
compute:
  - name: local
    type: local
    isolatoin: sandbox
  - name: other
    type: locl
flavours:
  - { name: Big, title: Big, cpus: 1, memoryMiB: 1024 }
`,
    ),
  );
  assert.equal(error.code, "config-invalid");
  const lines = error.detail.split("\n").map((line) => line.trim());
  assert.equal(lines[0], `${file}:`);
  assert.ok(lines.includes("line 2, listen.prot: there is no such key; did you mean port?"), error.detail);
  assert.ok(lines.includes("line 3, sesionsDomain: there is no such key; did you mean sessionsDomain?"));
  assert.ok(lines.some((line) => line.startsWith("line 5, limits.sessionsPerPerson: ")));
  assert.ok(lines.some((line) => line.startsWith("line 6, limits.lifetimeHours: ")));
  assert.ok(lines.includes("line 10, compute[0].isolatoin: there is no such key; did you mean isolation?"));
  assert.ok(lines.some((line) => line.startsWith("line 12, compute[1].type: ")));
  assert.ok(lines.some((line) => line.startsWith("line 14, flavours[0].name: must be lower-case")));
  assert.equal(lines.length, 8, error.detail);
  assert.deepEqual(
    (error.details["faults"] as { line: number }[]).map(({ line }) => line).toSorted((a, b) => a - b),
    [2, 3, 5, 6, 10, 12, 14],
  );
});

test("a file that is not YAML, not a section, not there", () => {
  assert.match(faultOf(() => read("listen: {port: 1\nx: [")).detail, /line \d/);
  assert.match(faultOf(() => read("listen: { port: 1 }\nlisten: { port: 2 }")).detail, /line 2.*unique/);
  assert.match(faultOf(() => read("- a\n- b")).detail, /line 1: Invalid input: expected object/);
  assert.equal(read("").listen.port, 8080);
  const missing = faultOf(() => readConfig({ argv: ["--config", join(folder, "none.yaml")], env: {} }));
  assert.match(missing.detail, /none.yaml: there is no such file/);
});

test("options and variables that are wrong are named", () => {
  const error = faultOf(() =>
    readConfig({ argv: ["--prot", "1", "--state"], env: { ENDSTATION_PORT: "99999" } }),
  );
  assert.match(error.detail, /--prot: there is no such option; did you mean --port\?/);
  assert.match(error.detail, /--state: needs a value/);
  assert.match(error.detail, /ENDSTATION_PORT: "99999" is not a port/);
});

test("what does not fit together is told", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["publicUrl: https://x.example.org", /line 1, publicUrl: needs sessionsDomain/],
    ["publicUrl: http://x.example.org", /must be https/],
    [
      "publicUrl: https://x.example.org\nsessionsDomain: a.x.example.org",
      /line 2, sessionsDomain: must not be/,
    ],
    ["publicUrl: https://x.example.org\nsessionsDomain: x.example.org", /must not be the portal's host/],
    ["publicUrl: https://x.example.org/portal", /must have no path/],
    ["limits: { lifetimeHours: 200 }", /longestLifetimeHours/],
    ["limits: { idleHours: 0.5 }", /warnMinutes/],
    ["demo: false", /line 1, demo: without the demonstration at least one of catalogues/],
    ["identity: { issuer: https://id.example.org, clientId: x }", /catalogues/],
    ["demo: true\nidentity: { issuer: https://id.example.org, clientId: x }", /line 1, demo: /],
    [
      "flavours:\n  - { name: a, title: A, cpus: 1, memoryMiB: 512 }\n  - { name: a, title: B, cpus: 1, memoryMiB: 512 }",
      /line 3, flavours\[1\].name: there is already one/,
    ],
    [
      "compute:\n  - { name: cluster, type: kubernetes, namespace: sessions, claims: [{ here: /, claim: c }] }",
      /line 2, compute\[0\].type: kubernetes needs tunnel beside it/,
    ],
    ["posix: { first: 5000, last: 5001 }", /room for at least 100/],
    ["posix: { first: 5000 }", /both first and last/],
    ["trustedProxies: [proxy.example.org]", /line 1, trustedProxies/],
  ];
  for (const [text, expected] of cases) assert.match(faultOf(() => read(text)).detail, expected, text);
});

test("secrets stand in files of their own and are in no message", () => {
  const secret = join(folder, "database-url");
  writeFileSync(secret, "postgres://portal:hunter2@db.example.org/endstation\n");
  assert.match(read("database: { urlFile: database-url }").databaseUrl ?? "", /hunter2/);
  assert.match(
    faultOf(() => read("database: { urlFile: nothing }")).detail,
    /nothing cannot be read \(ENOENT\)/,
  );
  writeFileSync(join(folder, "mail-url"), "smtps://portal:hunter2@mail.example.org\n");
  const mail = "mail: { urlFile: mail-url, from: portal@example.org }";
  assert.deepEqual(read(mail).mail, {
    url: "smtps://portal:hunter2@mail.example.org",
    from: "portal@example.org",
  });
  writeFileSync(join(folder, "no-url"), "hunter2\n");
  const wrong = faultOf(() => read("mail: { urlFile: no-url, from: portal@example.org }"));
  assert.match(wrong.detail, /no-url: is not a URL of the form smtps/);
  assert.doesNotMatch(wrong.detail, /hunter2/);
  const error = faultOf(() => read("", { DATABASE_URL: "mysql://portal:hunter2@db" }));
  assert.match(error.detail, /DATABASE_URL: is not a URL/);
  assert.doesNotMatch(JSON.stringify([error.detail, error.details]), /hunter2/);
  assert.equal(read("").databaseUrl, null);
});

const facility = `identity: { issuer: https://id.example.org, clientId: x }
catalogues: [{ name: a, type: folder, file: /a/facility.yaml }]
`;

test("the development issuer is refused as soon as others could come", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["listen: { host: 0.0.0.0 }", /listen address 0.0.0.0/],
    ['listen: { host: "::" }', /listen address ::/],
    ["listen: { host: portal.example.org }", /listen address/],
    ["publicUrl: https://x.example.org\nsessionsDomain: y.example.org", /public URL https:..x.example.org/],
    ["trustedProxies: [127.0.0.1]", /trusted proxies/],
  ];
  for (const [text, expected] of cases) {
    const error = faultOf(() => developmentGuard(read(text)));
    assert.equal(error.code, "development-only");
    assert.match(error.detail, expected);
  }
  developmentGuard(read('listen: { host: "::1" }\npublicUrl: "http://[::1]:8080"'));
  developmentGuard(read(`${facility}listen: { host: 0.0.0.0 }`));
});

test("what is for development only is refused where an identity provider is configured", () => {
  demandDevelopment(read(""), "isolation none");
  const error = faultOf(() => demandDevelopment(read(facility), "isolation none"));
  assert.match(error.detail, /^isolation none cannot be used: an identity provider is configured$/);
});

test("loopback, however it is written", () => {
  const own = [
    "localhost",
    "LOCALHOST",
    "127.0.0.1",
    "127.8.9.1",
    "::1",
    "[::1]",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1",
  ];
  for (const host of own) assert.equal(isLoopbackHost(host), true, host);
  const open = [
    "0.0.0.0",
    "::",
    "10.0.0.1",
    "localhost.example.org",
    "127.0.0.1.example.org",
    "127.1.example",
    "",
  ];
  for (const host of open) assert.equal(isLoopbackHost(host), false, host);
});

test("the nearest name", () => {
  assert.equal(nearest("prot", ["host", "port"]), "port");
  assert.equal(nearest("STATEFOLDER", ["stateFolder"]), "stateFolder");
  assert.equal(nearest("quux", ["listen", "limits"]), null);
});

test("the example of the page is a configuration for real users", () => {
  const config = read(exampleConfig);
  developmentGuard(config);
  assert.equal(config.demo, false);
  assert.equal(config.publicUrl, "https://analysis.example.org");
  assert.equal(config.sessionsDomain, "sessions.example.net");
});

test("docs/config.md says what the schema says, and every key is described", () => {
  assert.equal(
    readFileSync(referenceFile, "utf8"),
    configReference(),
    "run node packages/server/src/config/reference.ts",
  );
  assert.doesNotMatch(configReference(), /\| +\|$/m);
});
