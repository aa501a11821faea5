import {
  EndstationError,
  type FacilityRole,
  type Identity,
  type Instant,
  type Principal,
} from "@endstation/core";
import type { Database } from "../database.ts";
import { newId } from "./secrets.ts";

/** An account that the catalogue declares, so that it can be shared with before it first logs in. */
export interface DeclaredAccount {
  readonly account: string;
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly FacilityRole[];
}

export interface Person {
  readonly id: string;
  readonly account: string;
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly FacilityRole[];
  readonly identities: readonly { readonly issuer: string; readonly subject: string }[];
}

export interface People {
  /**
   * The account of an identity. The first identity to come with an account name has it for ever, and keeps it when
   * the provider calls her something else later.
   * @throws login-failed when the account belongs to another identity.
   */
  signIn(identity: Identity, now: Instant): Promise<string>;
  /** Makes the declared accounts known; those no longer declared lose their declared roles. */
  declareAccounts(accounts: readonly DeclaredAccount[], now: Instant): Promise<void>;
  accountNamed(account: string): Promise<Principal | null>;
  person(account: string): Promise<Person | null>;
  /** Display names by account; an account nobody knows is left out. */
  names(accounts: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export function createPeople({ db }: Database): People {
  return {
    signIn: (identity, now) => db.transaction().execute((trx) => signIn(trx, identity, now)),
    declareAccounts: (accounts, now) => db.transaction().execute((trx) => declare(trx, accounts, now)),
    accountNamed: async (account) => {
      const row = await db.selectFrom("people").selectAll().where("account", "=", account).executeTakeFirst();
      return row === undefined ? null : principalOf(row, null);
    },
    person: (account) => person(db, account),
    names: async (accounts) => {
      if (accounts.length === 0) return new Map();
      const rows = await db
        .selectFrom("people")
        .select(["account", "name"])
        .where("account", "in", [...accounts])
        .execute();
      return new Map(rows.map((row) => [row.account, row.name]));
    },
  };
}

type Db = Database["db"];

/** A row of `people`, or of a join with it. */
export interface PersonRow {
  readonly account: string;
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly FacilityRole[];
  readonly declared_roles: readonly FacilityRole[];
}

export function principalOf(row: PersonRow, scopes: Principal["scopes"]): Principal {
  return { account: row.account, name: row.name, email: row.email, roles: rolesOf(row), scopes };
}

function rolesOf(row: PersonRow): FacilityRole[] {
  return [...new Set([...row.roles, ...row.declared_roles])].sort();
}

async function signIn(trx: Db, identity: Identity, now: Instant): Promise<string> {
  const known = await trx
    .selectFrom("identities")
    .select("account")
    .where("issuer", "=", identity.issuer)
    .where("subject", "=", identity.subject)
    .executeTakeFirst();
  const account = known?.account ?? (await claimAccount(trx, identity, now));
  await trx
    .updateTable("people")
    .set({ name: identity.name, email: identity.email, roles: [...identity.roles], last_login_at: now })
    .where("account", "=", account)
    .execute();
  return account;
}

async function claimAccount(trx: Db, identity: Identity, now: Instant): Promise<string> {
  const { issuer, subject, account, name, email } = identity;
  await trx
    .insertInto("people")
    .values({
      account,
      id: newId("p-"),
      name,
      email,
      roles: [],
      declared_roles: [],
      created_at: now,
      last_login_at: null,
    })
    .onConflict((conflict) => conflict.column("account").doNothing())
    .execute();
  // Two identities that claim one name at the same moment wait for each other here.
  await trx.selectFrom("people").select("account").where("account", "=", account).forUpdate().execute();
  const holder = await trx
    .selectFrom("identities")
    .select(["issuer", "subject"])
    .where("account", "=", account)
    .executeTakeFirst();
  if (holder !== undefined && (holder.issuer !== issuer || holder.subject !== subject))
    throw new EndstationError("login-failed", `the account "${account}" belongs to another identity`, {
      next: "Ask the facility's support which account is yours.",
    });
  await trx
    .insertInto("identities")
    .values({ issuer, subject, account, linked_at: now })
    .onConflict((conflict) => conflict.columns(["issuer", "subject"]).doNothing())
    .execute();
  return account;
}

async function declare(trx: Db, accounts: readonly DeclaredAccount[], now: Instant): Promise<void> {
  await trx.updateTable("people").set({ declared_roles: [] }).execute();
  for (const { account, name, email, roles } of accounts) {
    await trx
      .insertInto("people")
      .values({
        account,
        id: newId("p-"),
        name,
        email,
        roles: [],
        declared_roles: [...roles],
        created_at: now,
        last_login_at: null,
      })
      .onConflict((conflict) => conflict.column("account").doUpdateSet({ declared_roles: [...roles] }))
      .execute();
  }
}

async function person(db: Db, account: string): Promise<Person | null> {
  const row = await db.selectFrom("people").selectAll().where("account", "=", account).executeTakeFirst();
  if (row === undefined) return null;
  const identities = await db
    .selectFrom("identities")
    .select(["issuer", "subject"])
    .where("account", "=", account)
    .orderBy("linked_at")
    .execute();
  const { id, name, email } = row;
  return { id, account, name, email, roles: rolesOf(row), identities };
}
