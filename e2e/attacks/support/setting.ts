import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../support/portal.ts";

/** Where the portal and its sessions are, as a browser sees it. */
export interface Setting {
  readonly publicUrl: string;
  readonly sessionsDomain: string | null;
  /** The loopback port that all of these names lead to. */
  readonly port: number;
  readonly tls: { readonly key: Buffer; readonly cert: Buffer } | null;
  /** What Chromium must be told to come here. */
  readonly browserArguments: readonly string[];
}

/** One machine: `localhost` and `*.localhost`, plain HTTP. To a browser every session is a site of its own. */
export async function onLocalhost(): Promise<Setting> {
  const port = await freePort();
  return {
    ...{ publicUrl: `http://localhost:${port}`, sessionsDomain: null, port },
    ...{ tls: null, browserArguments: [] },
  };
}

/** Portal and sessions below one registrable domain, with TLS: to a browser all of them are one site. */
export async function belowOneDomain(): Promise<Setting> {
  const port = await freePort();
  const { key, cert } = certificate(["portal.example.test", "*.apps.example.test", "example.test"]);
  const known = new X509Certificate(cert).publicKey.export({ type: "spki", format: "der" });
  const trusted = createHash("sha256").update(known).digest("base64");
  return {
    publicUrl: "https://portal.example.test",
    sessionsDomain: "apps.example.test",
    port,
    tls: { key, cert },
    browserArguments: [
      `--host-resolver-rules=MAP *.example.test 127.0.0.1:${port}`,
      `--ignore-certificate-errors-spki-list=${trusted}`,
    ],
  };
}

function certificate(names: readonly string[]): { key: Buffer; cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), "est-ca-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const names_ = names.map((name) => `DNS:${name}`).join(",");
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  try {
    execFileSync(
      "openssl",
      [
        "req",
        ...kind,
        "-keyout",
        key,
        "-out",
        cert,
        "-subj",
        "/CN=attacks",
        "-addext",
        `subjectAltName=${names_}`,
      ],
      { stdio: "ignore" },
    );
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
