import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { parseAllDocuments } from "yaml";
import { engine } from "../../../testing/engines.ts";
import { chart, helm, rendered } from "./cluster.testing.ts";
import { createKubernetesSubject } from "./subject.testing.ts";

/** The Helm chart, by the real helm and a real API server; e2e/chart.test.ts installs it. */
const kubernetes = engine("kubernetes");
const operator = join(import.meta.dirname, "../../../operator/main.ts");

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: unknown;
}

describe("the Helm chart", { skip: "reason" in kubernetes ? kubernetes.reason : false }, async () => {
  if ("reason" in kubernetes) return;
  const { settings } = kubernetes;
  const folder = mkdtempSync(join(tmpdir(), "chart-"));
  const subject = await createKubernetesSubject(settings);
  const { cluster } = subject;
  after(async () => {
    await subject.close();
    rmSync(folder, { recursive: true });
  });
  const set = (...values: string[]) => values.flatMap((value) => ["--set", value]);
  const manifests = async (...words: string[]) =>
    parseAllDocuments(await rendered(settings, cluster.namespace, ...words)).map(
      (one) => one.toJS() as Manifest,
    );
  const sessions = `sessions.namespace=${cluster.namespace}`;

  test("it has no mistakes that helm would find", async () => {
    assert.match(await helm(settings, ["lint", "--strict", chart]), /0 chart\(s\) failed/);
  });

  for (const [what, values] of [
    ["with everything", []],
    [
      "with the facility's own database and no ingress",
      ["postgresql.enabled=false", "ingress.enabled=false"],
    ],
    ["without rights in the whole cluster", ["rbac.clusterWide=false"]],
  ] as const)
    test(`${what}, the API server takes all of it`, async () => {
      const text = await rendered(settings, cluster.namespace, ...set(sessions, ...values));
      const said = await cluster.kubectl(
        ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-"],
        text,
      );
      const documents = parseAllDocuments(text).filter((one) => one.contents !== null);
      assert.equal(said.trim().split("\n").length, documents.length);
    });

  test("the portal reads the configuration that it makes", async () => {
    const [database, secret, file] = ["url", "secret", "endstation.yaml"].map((name) => join(folder, name));
    writeFileSync(database ?? "", "postgres://endstation:x@es-postgresql/endstation");
    writeFileSync(secret ?? "", "x");
    const own = set(
      `portal.config.database.urlFile=${database}`,
      `identity.extra.clientSecretFile=${secret}`,
    );
    const provider = set(
      "sessions.provider.nodeSelector.pool=sessions",
      `sessions.images.nexus=r.example/nexus@sha256:${"0".repeat(64)}`,
    );
    const all = await manifests(...own, ...provider);
    const config = all.find(({ kind }) => kind === "ConfigMap")?.data?.["endstation.yaml"] ?? "";
    assert.match(config, /pool: sessions/);
    writeFileSync(file ?? "", config);
    const checked = spawnSync(process.execPath, [operator, "config", "check", file ?? ""], {
      encoding: "utf8",
    });
    assert.equal(checked.status, 0, checked.stderr);
    assert.match(checked.stdout, /https:\/\/endstation\.example\.org/);
  });

  test("R43 sessions get no connection and reach the portal's tunnel and names alone, where the network enforces it", async () => {
    const policyOf = async (...words: string[]) =>
      (await manifests(...words)).find(
        ({ kind, metadata }) => kind === "NetworkPolicy" && metadata.name === "es-sessions",
      )?.spec;
    const dns = {
      to: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
          podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
        },
      ],
      ports: [
        { protocol: "UDP", port: 53 },
        { protocol: "TCP", port: 53 },
      ],
    };
    const policy = (to: object) => ({
      podSelector: { matchLabels: { "app.kubernetes.io/managed-by": "endstation" } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [],
      egress: [{ to: [to], ports: [{ protocol: "TCP", port: 8443 }] }, dns],
    });
    assert.deepEqual(await policyOf(), policy({ ipBlock: { cidr: `${settings.hostAddress}/32` } }));
    const portal = {
      "app.kubernetes.io/name": "endstation",
      "app.kubernetes.io/instance": "es",
      "app.kubernetes.io/component": "portal",
    };
    const inCluster = {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": cluster.namespace } },
      podSelector: { matchLabels: portal },
    };
    assert.deepEqual(await policyOf(...set(sessions)), policy(inCluster));
    const applied = JSON.parse(await cluster.kubectl(["get", "networkpolicy", "es-sessions", "-o", "json"]));
    assert.deepEqual(applied.spec.policyTypes, ["Ingress", "Egress"]);
  });

  test("no Secret is in it: they are made beforehand and named", async () => {
    assert.deepEqual(
      (await manifests(...set(sessions))).filter((one) => one?.kind === "Secret"),
      [],
    );
  });
});
