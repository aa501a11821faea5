import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import type { Session } from "@endstation/api";
import { softwareFolderOf } from "../bootstrap/folders.mjs";
import { buildDemonstrationArchive } from "../demo/build.mjs";
import { engine } from "../packages/server/src/testing/engines.ts";
import { manifestsFor } from "./engines/chart-manifests.ts";
import { until } from "./support/until.ts";

/** The chart as a facility installs it: the portal and PostgreSQL run in the cluster and start sessions there. */
const root = join(import.meta.dirname, "..");
const chart = join(root, "deploy/helm/endstation");
const kubernetes = engine("kubernetes");
const registry = engine("registry");
const reason = [kubernetes, registry].map((one) => ("reason" in one ? one.reason : null)).find((one) => one);
const namespace = `chart-${process.pid}`;
const sessions = `${namespace}-sessions`;
const host = "endstation.example.org";
const minutes = 60_000;

describe("the chart, installed", { skip: reason ?? false }, () => {
  if ("reason" in kubernetes || "reason" in registry) return;
  const { settings } = kubernetes;
  const folder = mkdtempSync(join(tmpdir(), "chart-"));
  const program = (name: string, words: readonly string[], input?: string): string => {
    const { status, stdout, stderr } = spawnSync(name, words, { encoding: "utf8", input, maxBuffer: 1e8 });
    assert.equal(status, 0, `${name} ${words.join(" ")}: ${stderr}`);
    return stdout;
  };
  const kubectl = (...words: string[]) =>
    program(settings.kubectl, ["--kubeconfig", settings.kubeconfig, "-n", namespace, ...words]);
  const apply = (manifests: string) =>
    program(settings.kubectl, ["--kubeconfig", settings.kubeconfig, "apply", "-f", "-"], manifests);
  const image = (name: string) =>
    execFileSync(process.execPath, [join(root, "tools/images", name), registry.settings.address], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    }).trim();
  let forward: ChildProcess | null = null;
  let port = 0;
  let token = "";

  before(async () => {
    for (const name of ["homes", "results", "state", "postgresql"]) mkdirSync(join(folder, name));
    program("chown", ["999:999", join(folder, "postgresql")]);
    program("chmod", ["755", folder]);
    const archiveFolder = join(folder, "archive");
    await buildDemonstrationArchive({ softwareFolder: softwareFolderOf(), archiveFolder });
    const values = {
      publicUrl: `https://${host}`,
      portal: { image: image("portal.ts"), state: { size: "1Gi" } },
      sessions: { namespace: sessions, images: { nexus: settings.images["nexus"] } },
      storage: Object.fromEntries(
        ["archive", "homes", "results"].map((subPath) => [
          subPath,
          { claim: "facility", sessionsClaim: "facility", subPath },
        ]),
      ),
      postgresql: { image: image("postgresql.ts"), size: "1Gi" },
    };
    const words = ["template", "es", chart, "-n", namespace, "--kube-version", "1.34.0", "-f", "-"];
    const given = manifestsFor({ namespace, sessions, folder });
    apply(given.first);
    apply(program(settings.helm, words, JSON.stringify(values)));
    apply(given.claims);
    for (const part of ["statefulset/es-postgresql", "deployment/es"])
      kubectl("rollout", "status", part, "--timeout=600s");
  });

  after(() => {
    forward?.kill();
    spawnSync(
      "sh",
      [
        "-c",
        `${settings.kubectl} --kubeconfig ${settings.kubeconfig} logs -n ${namespace} deployment/es | tail -5`,
      ],
      { stdio: "inherit" },
    );
    kubectl("delete", "--ignore-not-found", `namespace/${sessions}`, `namespace/${namespace}`);
    const own = (kind: string) => `${kind}/es-${namespace}`;
    kubectl("delete", "--ignore-not-found", own("clusterrole"), own("clusterrolebinding"));
    kubectl("delete", "persistentvolumes", "-l", `chart=${namespace}`);
    rmSync(folder, { recursive: true, force: true });
  });

  const reach = async () => {
    forward?.kill();
    const words = ["--kubeconfig", settings.kubeconfig, "-n", namespace, "port-forward", "service/es", ":80"];
    forward = spawn(settings.kubectl, words, { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(createInterface({ input: forward.stdout as never }), "line");
    port = Number(/:(\d+) ->/.exec(String(line))?.[1]);
  };
  const call = async (method: string, path: string, body?: object) => {
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const headers = { host, authorization: `Bearer ${token}`, ...type };
    const asked = request({ port, method, path: `/api/v1${path}`, headers });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = await once(asked, "response");
    const text = (await response.setEncoding("utf8").toArray()).join("");
    assert.ok(response.statusCode < 300, `${method} ${path}: ${response.statusCode} ${text}`);
    return text === "" ? null : JSON.parse(text);
  };
  const reached = (id: string, ...phases: Session["phase"][]) =>
    until(
      `${id} to be ${phases}`,
      async () => {
        const session: Session = await call("GET", `/sessions/${id}`);
        return phases.includes(session.phase) && session;
      },
      4 * minutes,
    );
  let id = "";

  test("an access token made in the pod is good through the service, and the archive is read", async () => {
    const make = ["exec", "deployment/es", "--", "node", "packages/server/src/operator/main.ts"];
    const words = ["token", "create", "pi", "--config", "/etc/endstation/endstation.yaml"];
    token = kubectl(...make, ...words).trim();
    await reach();
    const { items } = await call("GET", "/datasets");
    assert.ok(items.length > 0);
  });

  test("a session starts in the other namespace, under the rights of the chart's own account", async () => {
    ({ id } = await call("POST", "/sessions", { environment: "nexus", flavour: "small" }));
    const { phase, cause } = await reached(id, "running", "failed");
    assert.equal(phase, "running", cause?.detail);
    const pods = kubectl("-n", sessions, "get", "pods", "-o", "name");
    assert.match(pods, new RegExp(id));
  });

  test("the portal's pod is replaced: the session runs on, and is stopped by the new one", async () => {
    kubectl("delete", "pod", "-l", "app.kubernetes.io/component=portal", "--wait=true");
    kubectl("rollout", "status", "deployment/es", "--timeout=600s");
    await reach();
    assert.equal((await reached(id, "running")).phase, "running");
    await call("POST", `/sessions/${id}/stop`);
    assert.equal((await reached(id, "stopped", "failed")).phase, "stopped");
    const { items } = JSON.parse(kubectl("-n", sessions, "get", "pods", "-o", "json"));
    assert.deepEqual(
      items.filter((pod: { status: { phase: string } }) => pod.status.phase === "Running"),
      [],
    );
  });
});
