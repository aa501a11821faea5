import { generateKeyPairSync, randomBytes } from "node:crypto";
import { chmodSync, linkSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EndstationError } from "@endstation/core";
import { z } from "zod";

const file = z.strictObject({
  cookieSecret: z.string().min(43),
  issuerKey: z.looseObject({ kty: z.literal("EC"), d: z.string(), kid: z.string() }),
});

/** What must be the same after a restart and known to nobody else. */
export interface Keys {
  /** 32 random bytes, base64url. */
  readonly cookieSecret: string;
  /** The development issuer's private key, as a JWK (ES256). */
  readonly issuerKey: Readonly<Record<string, unknown>>;
}

/**
 * The keys of a state folder, made at the first start, in a file that only we can read.
 * @throws `software-incomplete` where the file is damaged: it is not replaced by itself.
 */
export function readKeys(stateFolder: string): Keys {
  const path = join(stateFolder, "keys", "portal.json");
  if (statSync(path, { throwIfNoEntry: false }) === undefined) writeKeys(path);
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  return parsed(path);
}

function parsed(path: string): Keys {
  try {
    return file.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    throw new EndstationError("software-incomplete", `the keys in ${path} are damaged`, {
      next: "Restore the file from a backup; or remove it, and everybody logs in again.",
    });
  }
}

/** Made beside its place and linked there: whole, or not there. */
function writeKeys(path: string): void {
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, `${JSON.stringify(newKeys(), null, 2)}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(partial, path);
  } finally {
    rmSync(partial);
  }
}

function newKeys(): Keys {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const kid = randomBytes(8).toString("hex");
  return {
    cookieSecret: randomBytes(32).toString("base64url"),
    issuerKey: { ...privateKey.export({ format: "jwk" }), kid, alg: "ES256", use: "sig" },
  };
}
