import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Unavailable } from "@endstation/core";
import type { SlurmConfig } from "./config.ts";
import type { Machine } from "./machine.ts";

/** Answers a token with which slurmrestd takes us for that account. */
export type Tokens = (account: string) => Promise<string>;

/** Seconds that a token is good for, and how long before its end another one is made. */
const lifespan = 600;
const renewBefore = 120;

/** Made anew every few minutes: with the cluster's own key where we have it, else by `scontrol token`, which only Slurm's own account and root may ask. */
export function createTokens(config: SlurmConfig, machine: Machine, now: () => number): Tokens {
  const { keyFile } = config.rest ?? {};
  const made = new Map<string, { readonly token: Promise<string>; readonly until: number }>();
  const make = async (account: string) =>
    keyFile === undefined
      ? byCommand(config, machine, account)
      : signToken(readKey(keyFile), account, now() / 1000);
  return (account) => {
    const known = made.get(account);
    if (known !== undefined && now() / 1000 < known.until - renewBefore) return known.token;
    const token = make(account);
    made.set(account, { token, until: now() / 1000 + lifespan });
    token.catch(() => made.delete(account));
    return token;
  };
}

function readKey(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Unavailable(`Slurm's key ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** HS256 (RFC 7519) with the claims of Slurm's auth/jwt. `now` in seconds. */
export function signToken(key: Buffer, account: string, now: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const at = Math.floor(now);
  const said = `${part({ alg: "HS256", typ: "JWT" })}.${part({ iat: at, exp: at + lifespan, sun: account })}`;
  return `${said}.${createHmac("sha256", key).update(said).digest("base64url")}`;
}

/** What several callers share, no one of them calls off. */
const calm = new AbortController().signal;

async function byCommand(
  { commands, conf }: SlurmConfig,
  machine: Machine,
  account: string,
): Promise<string> {
  const settings = conf === undefined ? [] : ["env", `SLURM_CONF=${conf}`];
  const words = [
    ...settings,
    join(commands, "scontrol"),
    "token",
    `username=${account}`,
    `lifespan=${lifespan}`,
  ];
  const ran = await machine.exec({ words }, calm);
  const token = /^SLURM_JWT=(\S+)/m.exec(ran.output)?.[1];
  if (ran.status !== 0 || token === undefined) throw new Unavailable(`scontrol token: ${ran.error}`);
  return token;
}
