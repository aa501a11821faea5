import { X509Certificate } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Both as PEM. */
export interface Certificate {
  /** The first one of the file: what launchers are told to expect. */
  readonly certificate: string;
  /** The whole file. */
  readonly withKey: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const yearMs = 365 * 24 * 3_600_000;
/** Launchers trust this one certificate alone: a shorter life would only cut sessions off. */
const validFor = 30 * yearMs;
/** Clocks of compute nodes may be slow. */
const validBefore = yearMs;

/** `tunnel.pem` of a folder: the operator's certificate and key, or those made here where there are none. */
export async function certificateIn(folder: string, name: string): Promise<Certificate> {
  const file = join(folder, "tunnel.pem");
  const text = (await readIfThere(file)) ?? (await keepFirst(folder, file, await makeCertificate(name)));
  return { certificate: new X509Certificate(text).toString(), withKey: text };
}

function readIfThere(file: string): Promise<string | null> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
}

/** Of several processes that start at once, the first one's certificate is everybody's. */
async function keepFirst(folder: string, file: string, text: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const partial = `${file}.${process.pid}.partial`;
  await writeFile(partial, text, { mode: 0o600 });
  await link(partial, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  await rm(partial);
  return readFile(file, "utf8");
}

async function makeCertificate(name: string): Promise<string> {
  await import("reflect-metadata");
  const { PemConverter, X509CertificateGenerator } = await import("@peculiar/x509");
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - validBefore),
    notAfter: new Date(Date.now() + validFor),
  });
  const key = PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
  return `${certificate.toString("pem")}\n${key}\n`;
}
