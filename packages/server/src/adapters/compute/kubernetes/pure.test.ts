import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { LaunchSpec } from "@endstation/core";
import { createSessionWorld } from "../../../testing/session-world.ts";
import { kubernetesConfig } from "./config.ts";
import { accessBy } from "./kubeconfig.ts";
import { placeOf, podOf, secretOf } from "./manifest.ts";
import { attemptOf, ownerOf, podName } from "./names.ts";
import { seen } from "./pod.testing.ts";

describe("names", () => {
  const of = { sessionId: "s-abcdefghij0123456789", attempt: 12 };
  const owner = ownerOf("/var/lib/endstation/compute/kubernetes");

  test("a handle says which attempt of which session it is, and whose", () => {
    const name = podName(of, owner);
    assert.match(name, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "it is a DNS label");
    assert.deepEqual(attemptOf(name, owner), of);
    assert.equal(attemptOf(name, ownerOf("/elsewhere")), null);
  });

  test("what is none is none", () => {
    const hostile = [
      "",
      "never-there",
      "../../secrets/x",
      `s-abc-1-${owner}`,
      `${of.sessionId}-1x-${owner}`,
      `${of.sessionId}-1-${owner}/log`,
      `${of.sessionId.toUpperCase()}-1-${owner}`,
    ];
    for (const handle of hostile) assert.equal(attemptOf(handle, owner), null, handle);
  });
});

describe("a pod's manifest", () => {
  const world = createSessionWorld({ source: { image: `r/x@sha256:${"0".repeat(64)}` } });
  world.remove();
  const config = kubernetesConfig.parse({
    namespace: "n",
    claims: [
      { here: world.folder, claim: "people.example", subPath: "/facility/" },
      { here: `${world.folder}/archive`, claim: "archive" },
    ],
    flavours: {
      gpu: {
        nodeSelector: { gpu: "yes" },
        tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }],
        gpuResource: "nvidia.com/mig-1g.10gb",
      },
    },
    timeLimitHours: 1.5,
  });
  const context = { config, owner: "0a1b2c3d", provider: "kubernetes", secretName: "secret-1" };
  const made = (changes: Parameters<typeof world.spec>[0] = {}) => podOf(world.spec(changes), context).spec;

  test("R23 folders lie in the innermost claim, one volume for each claim, the archive read-only as a whole", () => {
    const { volumes, containers } = made();
    const mounts = containers[0]?.volumeMounts as {
      mountPath: string;
      name: string;
      subPath?: string;
      readOnly?: boolean;
    }[];
    const at = (path: string) => mounts.find(({ mountPath }) => mountPath === path);
    assert.deepEqual(at("/home/user"), {
      name: "claim-0",
      mountPath: "/home/user",
      readOnly: false,
      subPath: "facility/homes-one",
    });
    assert.deepEqual(at("/data/sample"), {
      name: "claim-1",
      mountPath: "/data/sample",
      readOnly: true,
      subPath: "sample",
    });
    assert.equal(at("/results")?.name, "claim-0");
    assert.deepEqual(volumes.slice(3), [
      { name: "claim-0", persistentVolumeClaim: { claimName: "people.example", readOnly: false } },
      { name: "claim-1", persistentVolumeClaim: { claimName: "archive", readOnly: true } },
    ]);
  });

  test("R24 requests are limits; a flavour has its own nodes and its own graphics processors", () => {
    const plain = made().containers[0];
    assert.deepEqual(plain?.resources.requests, { cpu: "1000m", memory: "768Mi" });
    const gpu = made({ flavour: { name: "gpu", gpus: 2 } });
    assert.deepEqual(gpu.containers[0]?.resources.limits, {
      cpu: "1000m",
      memory: "768Mi",
      "nvidia.com/mig-1g.10gb": "2",
    });
    assert.deepEqual(gpu.nodeSelector, { gpu: "yes" });
    assert.equal(gpu.tolerations[0]?.key, "nvidia.com/gpu");
    assert.equal(gpu.activeDeadlineSeconds, 5400);
  });

  test("nobody hands the site's volumes over to a session's group", () => {
    assert.ok(!JSON.stringify(made()).includes("fsGroup"));
  });

  test("R43 what is secret is in the Secret alone, which belongs to the pod", () => {
    const spec: LaunchSpec = world.spec();
    const there = seen({}, { name: "p", uid: "u1" }, { volumes: [{ secret: { secretName: "secret-1" } }] });
    const secret = secretOf(spec, there, { ticket: "the key", launcherZip: new Uint8Array([1]) });
    assert.equal(secret.metadata.name, "secret-1");
    assert.deepEqual(secret.metadata.ownerReferences, [
      { apiVersion: "v1", kind: "Pod", name: "p", uid: "u1" },
    ]);
    assert.deepEqual(Object.keys(secret.stringData), [
      "spec.json",
      "datasets.json",
      "tunnel.json",
      "passwd",
      "group",
    ]);
    assert.ok(!JSON.stringify(podOf(spec, context)).includes("the key"));
  });

  test("a hostile name stays in its field of passwd", () => {
    const spec = world.spec();
    const owner = { account: "x", name: "Eve:0:0\nroot::0:0" };
    const secret = secretOf({ ...spec, document: { ...spec.document, owner } }, seen({}), {
      ticket: "",
      launcherZip: new Uint8Array(),
    });
    assert.equal(
      (secret.stringData as Record<string, string>)["passwd"]?.split("\n")[0],
      `user:x:${spec.posix.uid}:${spec.posix.gid}:Eve 0 0 root  0 0:/home/user:/bin/bash`,
    );
  });

  test("what no claim holds is found nowhere", () => {
    assert.equal(placeOf(config.claims, "/elsewhere"), null);
    assert.equal(placeOf(config.claims, `${world.folder}-other/x`), null);
    assert.deepEqual(placeOf([{ here: "/a/", claim: "c", subPath: "" }], "/a"), { claim: "c", subPath: "" });
  });
});

describe("a kubeconfig", () => {
  const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  const written = (user: object, cluster: object = {}) => {
    const file = join(folder, "config");
    const known = {
      "current-context": "c",
      contexts: [{ name: "c", context: { cluster: "k", user: "u" } }],
      clusters: [{ name: "k", cluster: { server: "https://k.example:6443/", ...cluster } }],
      users: [{ name: "u", user }],
    };
    writeFileSync(file, JSON.stringify(known));
    return file;
  };

  test("a token's file is read for each call, from where the kubeconfig lies", async () => {
    const access = accessBy(written({ tokenFile: "token" }, { "certificate-authority-data": "Y2E=" }));
    for (const token of ["one", "two"]) {
      writeFileSync(join(folder, "token"), `${token}\n`);
      assert.equal(await access.token(), token);
    }
    assert.deepEqual(
      { ...access, token: null },
      { server: "https://k.example:6443", tls: { ca: "ca" }, token: null },
    );
  });

  test("what cannot be used is a fault of the configuration that names the file and no secret", () => {
    const faulty = [
      () => accessBy(join(folder, "none")),
      () => accessBy(written({ exec: { command: "aws" } })),
      () => accessBy(written({ token: "sesame" }, { server: "http://k.example" })),
      () => accessBy(undefined),
    ];
    for (const attempt of faulty)
      assert.throws(attempt, (error: { code?: string; message: string }) => {
        assert.equal(error.code, "config-invalid");
        assert.ok(!error.message.includes("sesame"));
        return true;
      });
    rmSync(folder, { recursive: true });
  });
});
