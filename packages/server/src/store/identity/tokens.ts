import { type Instant, minute, type Principal, type Scope } from "@endstation/core";
import type { Database } from "../database.ts";
import { principalOf } from "./people.ts";
import { hashOf, looksLikeToken, newId, newToken } from "./secrets.ts";

/** An access token as its owner sees it; the secret is not kept. */
export interface Token {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly lastUsedAt: Instant | null;
}

export interface TokenRequest {
  readonly account: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly lifetimeMs: number;
}

export interface Tokens {
  /** `secret` is shown once. */
  makeToken(request: TokenRequest, now: Instant): Promise<{ readonly token: Token; readonly secret: string }>;
  /** Who a bearer token speaks for; null when it is not (or no longer) one of ours. */
  findToken(secret: string, now: Instant): Promise<Principal | null>;
  /** Those that have not expired, the newest first. */
  listTokens(account: string, now: Instant): Promise<readonly Token[]>;
  /** False when she has no such token. */
  revokeToken(account: string, id: string): Promise<boolean>;
}

const touchEveryMs = minute;

export function createTokens({ db }: Database): Tokens {
  return {
    makeToken: (request, now) => insertToken(db, request, now),
    findToken: (secret, now) => findToken(db, secret, now),
    listTokens: async (account, now) => {
      const rows = await db
        .selectFrom("tokens")
        .selectAll()
        .where("account", "=", account)
        .where("expires_at", ">", now)
        .orderBy("created_at", "desc")
        .orderBy("id")
        .execute();
      return rows.map(tokenOf);
    },
    revokeToken: async (account, id) => {
      const gone = await db
        .deleteFrom("tokens")
        .where("account", "=", account)
        .where("id", "=", id)
        .executeTakeFirst();
      return gone.numDeletedRows > 0n;
    },
  };
}

type Db = Database["db"];

/** Within somebody's transaction or without. */
export async function insertToken(db: Db, request: TokenRequest, now: Instant) {
  const secret = newToken();
  const row = {
    id: newId("t-"),
    account: request.account,
    name: request.name,
    scopes: [...new Set(request.scopes)],
    created_at: now,
    expires_at: now + request.lifetimeMs,
    last_used_at: null,
  };
  await db
    .insertInto("tokens")
    .values({ ...row, secret_hash: hashOf(secret) })
    .execute();
  return { token: tokenOf(row), secret };
}

async function findToken(db: Db, secret: string, now: Instant): Promise<Principal | null> {
  if (!looksLikeToken(secret)) return null;
  const row = await db
    .selectFrom("tokens")
    .innerJoin("people", "people.account", "tokens.account")
    .select(["tokens.id", "tokens.scopes", "tokens.last_used_at"])
    .select(["people.account", "people.name", "people.email", "people.roles", "people.declared_roles"])
    .where("tokens.secret_hash", "=", hashOf(secret))
    .where("tokens.expires_at", ">", now)
    .executeTakeFirst();
  if (row === undefined) return null;
  if (row.last_used_at === null || row.last_used_at < now - touchEveryMs)
    await db.updateTable("tokens").set({ last_used_at: now }).where("id", "=", row.id).execute();
  return { ...principalOf(row, row.scopes), token: row.id };
}

interface TokenRow {
  id: string;
  name: string;
  scopes: Scope[];
  created_at: Instant;
  expires_at: Instant;
  last_used_at: Instant | null;
}

function tokenOf({ id, name, scopes, created_at, expires_at, last_used_at }: TokenRow): Token {
  return { id, name, scopes, createdAt: created_at, expiresAt: expires_at, lastUsedAt: last_used_at };
}
