import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { EndstationError } from "@endstation/core";
import { parse } from "yaml";
import { z } from "zod";

/** How the API server is reached, and as whom. */
export interface Access {
  readonly server: string;
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** Asked before each call: tokens in files are renewed by the cluster. */
  token(): Promise<string | null>;
}

/** The parts of a kubeconfig (https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/) that are used here. */
const kubeconfig = z.object({
  "current-context": z.string(),
  contexts: z.array(
    z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) }),
  ),
  clusters: z.array(
    z.object({
      name: z.string(),
      cluster: z.object({
        server: z.url({ protocol: /^https$/ }),
        "certificate-authority": z.string().optional(),
        "certificate-authority-data": z.base64().optional(),
      }),
    }),
  ),
  users: z.array(
    z.object({
      name: z.string(),
      user: z.object({
        token: z.string().optional(),
        tokenFile: z.string().optional(),
        "client-certificate": z.string().optional(),
        "client-certificate-data": z.base64().optional(),
        "client-key": z.string().optional(),
        "client-key-data": z.base64().optional(),
      }),
    }),
  ),
});

const inPod = "/var/run/secrets/kubernetes.io/serviceaccount";

/** @throws config-invalid when the file, or the pod's ServiceAccount, cannot be used. */
export function accessBy(file: string | undefined): Access {
  try {
    return file === undefined ? accessOfPod() : accessOfFile(file);
  } catch (error) {
    const where = file ?? "the ServiceAccount of the portal's pod";
    throw new EndstationError("config-invalid", `kubernetes: ${where}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function accessOfPod(): Access {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
  if (host === undefined || port === undefined)
    throw new Error("there is none outside a cluster; name a `kubeconfig`");
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    tls: { ca: readFileSync(`${inPod}/ca.crt`, "utf8") },
    token: () => fromFile(`${inPod}/token`),
  };
}

function accessOfFile(file: string): Access {
  const known = kubeconfig.parse(parse(readFileSync(file, "utf8")));
  const context = named(known.contexts, known["current-context"]).context;
  const { cluster } = named(known.clusters, context.cluster);
  const { user } = named(known.users, context.user);
  const text = (inline: string | undefined, path: string | undefined) =>
    inline !== undefined
      ? Buffer.from(inline, "base64").toString()
      : path && readFileSync(resolve(dirname(file), path), "utf8");
  const ca = text(cluster["certificate-authority-data"], cluster["certificate-authority"]);
  const cert = text(user["client-certificate-data"], user["client-certificate"]);
  const key = text(user["client-key-data"], user["client-key"]);
  const { token, tokenFile } = user;
  if (token === undefined && tokenFile === undefined && cert === undefined)
    throw new Error(
      `the user "${context.user}" has neither a token nor a certificate; no program is run for one`,
    );
  return {
    server: cluster.server.replace(/\/+$/, ""),
    tls: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
    token: async () =>
      tokenFile === undefined ? (token ?? null) : fromFile(resolve(dirname(file), tokenFile)),
  };
}

function named<Entry extends { readonly name: string }>(entries: readonly Entry[], name: string): Entry {
  const found = entries.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`it has no "${name}"`);
  return found;
}

async function fromFile(path: string): Promise<string> {
  return (await readFile(path, "utf8")).trim();
}
