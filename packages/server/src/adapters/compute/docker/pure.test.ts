import assert from "node:assert/strict";
import { test } from "node:test";
import { accountInside, remapOf } from "./accounts.ts";
import { dockerConfig } from "./config.ts";
import { type ContainerContext, containerOf, type Order } from "./container.ts";
import { demultiplex, lastLines } from "./demultiplex.ts";
import { imageOf, refusalOf } from "./launching.ts";
import { attemptOf, handleOf, imageParts, ownerOf, registryOf } from "./names.ts";
import { offerOf } from "./offers.ts";
import { Progress, refusalOfPull } from "./progress.ts";
import { inspectAnswer } from "./schema.ts";
import { observationOf } from "./status.ts";

const digest = `sha256:${"a".repeat(64)}`;
const image = `registry.example.org/nexus@${digest}`;
const of = { sessionId: `s-${"0a".repeat(10)}`, attempt: 2 };

test("a handle tells whose it is; what another made, or nobody, is none of ours", () => {
  const owner = ownerOf("/var/lib/endstation/compute/docker");
  const handle = handleOf(owner, of);
  assert.match(handle, /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/, "the engine's rule for names");
  assert.deepEqual(attemptOf(owner, handle), of);
  const others = [
    handleOf(ownerOf("/elsewhere"), of),
    `${handle}/../../x`,
    "../../etc",
    "",
    `endstation-${owner}-${of.sessionId}-0`,
    `endstation-${owner}-${of.sessionId}-02`,
    `endstation-${owner}-${of.sessionId}`,
    `endstation-${owner}-s-..-1`,
    `x${handle}`,
  ];
  for (const other of others) assert.equal(attemptOf(owner, other), null, other);
});

test("an image is known by its digest alone, and its registry by the rule of references", () => {
  assert.deepEqual(imageParts(image), { name: "registry.example.org/nexus", digest });
  const hostile = [
    "nexus",
    "nexus:latest",
    `nexus@${digest}x`,
    `../x@${digest}`,
    `a b@${digest}`,
    `n?x@${digest}`,
  ];
  for (const one of hostile) assert.equal(imageParts(one), null, one);
  const registries = ["nexus", "library/nexus", "localhost/x", "r.example.org/x/y", "r:5000/x"].map(
    registryOf,
  );
  assert.deepEqual(registries, ["docker.io", "docker.io", "localhost", "r.example.org", "r:5000"]);
});

function stateOf(changes: object) {
  const State = {
    Status: "exited",
    OOMKilled: false,
    ExitCode: 0,
    Error: "",
    FinishedAt: "2026-01-01T00:00:00Z",
  };
  const raw = {
    Id: "1",
    Name: "/x",
    Created: "2026-01-01T00:00:00.123456789Z",
    State: { ...State, ...changes },
  };
  return inspectAnswer.parse(raw).State;
}

test("R20 what a container's state means", () => {
  const usual = { asked: false, batch: false, memoryMiB: 512 };
  const meaning = (changes: object, circumstances: object = {}) => {
    const seen = observationOf(stateOf(changes), { ...usual, ...circumstances });
    return seen?.state === "gone" ? [seen.exitCode, seen.cause?.code ?? null] : (seen?.state ?? null);
  };
  assert.equal(meaning({ Status: "created" }), null);
  assert.equal(meaning({ Status: "running" }), "running");
  assert.equal(meaning({ Status: "running", OOMKilled: true }), "running", "a child was killed for memory");
  assert.equal(meaning({ Status: "restarting" }), "running");
  assert.equal(meaning({ Status: "paused" }), "suspended");
  for (const Status of ["exited", "dead", "removing"]) assert.deepEqual(meaning({ Status }), [0, null]);
  assert.deepEqual(meaning({ ExitCode: 3 }), [3, null]);
  assert.deepEqual(meaning({ ExitCode: 137 }), [137, "killed"]);
  assert.deepEqual(meaning({ ExitCode: 143 }), [143, "killed"]);
  assert.deepEqual(meaning({ ExitCode: 137, OOMKilled: true }), [137, "out-of-memory"]);
  assert.deepEqual(meaning({ ExitCode: 1, OOMKilled: true }), [1, null], "it did not die of it");
  assert.deepEqual(meaning({ ExitCode: 143, OOMKilled: true }), [143, "killed"]);
  for (const ExitCode of [137, 143])
    assert.deepEqual(meaning({ ExitCode }, { asked: true }), [ExitCode, null]);
  assert.deepEqual(meaning({ ExitCode: 137, OOMKilled: true }, { asked: true }), [137, null]);
  assert.deepEqual(meaning({ ExitCode: 255 }), [255, "killed"], "found dead after the machine died");
  assert.deepEqual(meaning({ ExitCode: 255 }, { batch: true }), [255, null], "a program may end so");
});

const order: Order = {
  ...{ ...of, kind: "jupyter", endpoints: ["jupyter"], source: { image }, image },
  posix: { uid: 61_001, gid: 62_001, groups: [63_001] },
  flavour: { name: "s", title: "S", cpus: 1.5, memoryMiB: 1024, processes: 200, gpus: 0 },
  mounts: [],
  tunnelInside: "/run/session/portal",
};
const context: ContainerContext = {
  config: dockerConfig.parse({}),
  provider: "docker",
  owner: "0123456789ab",
  remap: null,
  environment: "/opt/nexus",
  imagePath: "/usr/bin",
  folders: { session: "/s/session", etc: "/s/etc", tunnel: "/t", launcher: "/l" },
  mounts: [
    { source: "/archive/one", target: "/data/one", readOnly: true },
    { source: "/homes/pi", target: "/home/user", readOnly: false },
  ],
};

test("R43 R114 a container has no right, no network and no more than its flavour", () => {
  const { User, HostConfig } = containerOf(order, context);
  assert.equal(User, "61001:62001");
  const expected = {
    ...{ Init: true, ReadonlyRootfs: true, CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges:true"] },
    ...{ NetworkMode: "none", IpcMode: "private", UsernsMode: "", GroupAdd: ["63001"] },
    ...{
      Memory: 1024 * 1024 * 1024,
      MemorySwap: 1024 * 1024 * 1024,
      NanoCpus: 1_500_000_000,
      PidsLimit: 200,
    },
  };
  assert.deepEqual({ ...HostConfig, ...expected }, HostConfig);
  assert.ok(!("DeviceRequests" in HostConfig) && !("Privileged" in HostConfig));
  assert.deepEqual(HostConfig.LogConfig, {
    Type: "json-file",
    Config: { "max-size": "1024k", "max-file": "2" },
  });
});

test("R58 what is read-only is so at once: nothing that is mounted below it comes along", () => {
  const { Mounts } = containerOf(order, context).HostConfig;
  const of = (target: string) => Mounts.find(({ Target }) => Target === target);
  assert.deepEqual([of("/data/one")?.ReadOnly, of("/data/one")?.BindOptions.NonRecursive], [true, true]);
  assert.deepEqual([of("/home/user")?.ReadOnly, of("/home/user")?.BindOptions.NonRecursive], [false, false]);
  const writable = Mounts.filter(({ ReadOnly }) => !ReadOnly).map(({ Target }) => Target);
  assert.deepEqual(writable, ["/home/user"]);
});

test("an environment that is a folder is mounted into the base image, one of an image is not", () => {
  const base = `base@${digest}`;
  const byPath = containerOf(
    { ...order, source: { path: "/cvmfs/nexus" }, image: base },
    {
      ...context,
      environment: "/cvmfs/nexus",
    },
  );
  const targets = (body: typeof byPath) => body.HostConfig.Mounts.map(({ Target }) => Target);
  assert.equal(byPath.Image, base);
  assert.ok(targets(byPath).includes("/cvmfs/nexus"));
  assert.ok(!targets(containerOf(order, context)).includes("/opt/nexus"));
  assert.deepEqual(byPath.Entrypoint.slice(0, 3), [
    "/cvmfs/nexus/bin/python",
    "-I",
    "/opt/endstation/session",
  ]);
});

test("GPUs are asked for by number, and a network by its name", () => {
  const gpus = { ...order, flavour: { ...order.flavour, gpus: 2 } };
  const config = dockerConfig.parse({ network: "lab" });
  const { HostConfig } = containerOf(gpus, { ...context, config });
  assert.deepEqual(HostConfig.DeviceRequests, [{ Driver: "", Count: 2, Capabilities: [["gpu"]] }]);
  assert.equal(HostConfig.NetworkMode, "lab");
});

test("R42 accounts are numbered anew where all of one is in the range; files stay hers either way", () => {
  const info = {
    ...{ NCPU: 2, MemTotal: 1, DockerRootDir: "/var/lib/docker/500000.600000" },
    SecurityOptions: ["name=seccomp,profile=default", "name=userns"],
  };
  const remap = remapOf(info, "other:100000:65536\nremap:500000:1000\n", "remap:600000:2000\n");
  assert.deepEqual(remap, {
    users: { first: 500_000, count: 1000 },
    groups: { first: 600_000, count: 2000 },
  });
  assert.equal(remapOf({ ...info, SecurityOptions: ["name=seccomp"] }, "", ""), null);
  assert.equal(remapOf({ ...info, SecurityOptions: null }, "", ""), null);
  assert.equal(remapOf(info, "", "")?.users.count, 65_536);

  const within = { uid: 500_999, gid: 600_001, groups: [601_999] };
  assert.deepEqual(accountInside(within, remap), { uid: 999, gid: 1, groups: [1999], unmapped: false });
  const outside = [{ uid: 501_000 }, { uid: 499_999 }, { gid: 602_000 }, { groups: [601_999, 5] }];
  for (const changes of outside) {
    const account = { ...within, ...changes };
    assert.deepEqual(accountInside(account, remap), { ...account, unmapped: true });
  }
  const { HostConfig, User } = containerOf(order, { ...context, remap });
  assert.deepEqual([HostConfig.UsernsMode, User], ["host", "61001:62001"]);
  const inside = containerOf({ ...order, posix: within }, { ...context, remap });
  assert.deepEqual([inside.HostConfig.UsernsMode, inside.User], ["", "999:1"]);
  assert.match(inside.HostConfig.Tmpfs["/tmp/.runtime"] ?? "", /mode=0700,uid=999,gid=1,/);
});

test("R24 places are counted, and what never fits is told apart", () => {
  const capacity = { memoryMiB: 4096, cpus: 2, cpuOvercommit: 2, gpus: 2 };
  const size = { memoryMiB: 1024, cpus: 1, gpus: 0 };
  const codeOf = (flavour: object, taken = [size]) => {
    const offer = offerOf({ ...size, ...flavour }, capacity, taken);
    return offer.fits ? offer.free : offer.code;
  };
  assert.equal(codeOf({}), 3);
  assert.equal(codeOf({}, []), 4);
  assert.equal(codeOf({}, [size, size, size, size]), "no-capacity");
  assert.equal(codeOf({ memoryMiB: 4097 }), "too-large");
  assert.equal(codeOf({ cpus: 3 }), "too-large");
  assert.equal(codeOf({ gpus: 3 }), "too-large");
  assert.equal(codeOf({ gpus: 2 }), 1);
  assert.equal(codeOf({ gpus: 1 }, [{ ...size, gpus: 2 }]), "no-capacity");
});

test("what can never run here is refused with its code", () => {
  const config = dockerConfig.parse({ paths: [{ here: "/archive", there: "/net/archive" }] });
  const request = { kind: "jupyter" as const, source: { image }, folders: ["/archive/one"] };
  const codeOf = (changes: object, of = config) => refusalOf(of, { ...request, ...changes })?.code ?? null;
  assert.equal(codeOf({}), null);
  assert.equal(codeOf({ kind: "batch" }), null);
  assert.equal(codeOf({ kind: "desktop" }), "environment-unavailable");
  assert.equal(codeOf({ source: {} }), "environment-unavailable");
  assert.equal(codeOf({ source: { path: "/cvmfs/x" } }), "environment-unavailable");
  assert.equal(codeOf({ source: { image: "nexus:latest" } }), "environment-unavailable");
  assert.equal(codeOf({ folders: ["/archive/one", "/home/x"] }), "data-unreachable");
  const withBase = { ...config, baseImage: image };
  assert.equal(codeOf({ source: { path: "/archive/software" } }, withBase), null);
  assert.equal(codeOf({ source: { path: "/cvmfs/x" } }, withBase), "environment-unavailable");
  assert.equal(imageOf(withBase, { path: "/x", image: "y" }), "y", "an image of its own goes before");
});

test("R24 a pull says how far it is, and never goes back", () => {
  const progress = new Progress();
  const said: string[] = [];
  const lines = [
    { status: "Pulling from endstation/nexus", id: digest },
    { status: "Pulling fs layer", id: "a", progressDetail: {} },
    { status: "Already exists", id: "z", progressDetail: {} },
    { status: "Downloading", id: "a", progressDetail: { current: 50, total: 100 } },
    { status: "Download complete", id: "a", progressDetail: {} },
    { status: "Downloading", id: "b", progressDetail: { current: 0, total: 900 } },
    { status: "Extracting", id: "a", progressDetail: { current: 100, total: 100 } },
    { status: "Pull complete", id: "a", progressDetail: {} },
    { status: "Download complete", id: "b", progressDetail: {} },
    { status: "Pull complete", id: "b", progressDetail: {} },
    { status: `Digest: ${digest}` },
  ];
  for (const line of lines) {
    progress.add(line);
    said.push(String(progress));
  }
  assert.deepEqual(
    said.map((words) => words.replace("pulling image", "")),
    ["", "", "", ": 25 %", ": 50 %", ": 50 %", ": 50 %", ": 50 %", ": 55 %", ": 100 %", ": 100 %"],
  );
});

test("which failures of a pull are final, by the words of engines and registries", () => {
  const final = [
    "manifest for r.example.org/x@sha256:00 not found: manifest unknown: manifest unknown",
    "pull access denied for x, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    'Get "https://r.example.org/v2/x/manifests/y": unauthorized: authentication required',
    'Head "http://127.0.0.1:1/v2/x": no basic auth credentials',
    "no matching manifest for linux/amd64 in the manifest list entries",
    "invalid reference format",
  ];
  for (const words of final) assert.equal(refusalOfPull(words), "environment-unavailable", words);
  assert.equal(refusalOfPull("write /var/lib/docker/tmp/x: no space left on device"), "disk-full");
  const passing = [
    'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
    'Get "https://r.example.org/v2/": dial tcp: lookup r.example.org: no such host',
    "net/http: TLS handshake timeout",
    "toomanyrequests: You have reached your pull rate limit",
    "received unexpected HTTP status: 503 Service Unavailable",
    "unexpected EOF",
    "context canceled",
  ];
  for (const words of passing) assert.equal(refusalOfPull(words), null, words);
});

test("R32 a log is both outputs in order, its last whole lines, and never half a letter", () => {
  const frame = (stream: number, text: string) => {
    const bytes = Buffer.from(text);
    const header = Buffer.alloc(8);
    header[0] = stream;
    header.writeUInt32BE(bytes.length, 4);
    return Buffer.concat([header, bytes]);
  };
  const log = demultiplex(Buffer.concat([frame(1, "one\n"), frame(2, "zwei ü\n"), frame(1, "three\n")]));
  assert.equal(lastLines(log, 1000), "one\nzwei ü\nthree\n");
  assert.equal(lastLines(log, 14), "three\n");
  assert.equal(lastLines(log, 6), "");
  assert.equal(lastLines(log, 7), "three\n");
  assert.equal(demultiplex(Buffer.alloc(0)).length, 0);
  assert.equal(demultiplex(frame(1, "cut off").subarray(0, 12)).toString(), "cut ");
});
