import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Files of a certificate with a wildcard, signed by an authority of its own. */
export interface Certificate {
  readonly key: string;
  /** The certificate with its authority's behind it. */
  readonly chain: string;
  readonly authority: string;
  /** The public key's hash, by which Chromium is told to trust it. */
  readonly spki: string;
}

/** Makes both in a folder. */
export function certificateIn(folder: string, names: readonly string[]): Certificate {
  const file = (name: string) => join(folder, name);
  const openssl = (...words: string[]) => execFileSync("openssl", words, { stdio: "ignore", cwd: folder });
  const key = (name: string) => [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-keyout",
    name,
  ];
  openssl("req", "-x509", ...key("ca.key"), "-days", "2", "-subj", "/CN=facility", "-out", "ca.pem");
  openssl("req", ...key("key.pem"), "-subj", "/CN=front", "-out", "front.csr");
  writeFileSync(file("names"), `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}\n`);
  const signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names"];
  openssl("x509", "-req", "-in", "front.csr", ...signing, "-out", "leaf.pem");
  const leaf = readFileSync(file("leaf.pem"));
  writeFileSync(file("cert.pem"), Buffer.concat([leaf, readFileSync(file("ca.pem"))]));
  const known = new X509Certificate(leaf).publicKey.export({ type: "spki", format: "der" });
  const spki = createHash("sha256").update(known).digest("base64");
  return { key: file("key.pem"), chain: file("cert.pem"), authority: file("ca.pem"), spki };
}
