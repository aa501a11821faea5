import { EndstationError, hour, scopes as knownScopes, type Scope } from "@endstation/core";
import { readConfig } from "../config/index.ts";
import { createIdentityStore } from "../store/identity.ts";
import { answer, type OperatorCommand, portalWords } from "./answer.ts";
import { withStateDatabase } from "./state-database.ts";
import { WrongUse } from "./wrong-use.ts";

const usualDays = 90;
const mostDays = 366;

/** `token create ACCOUNT`: prints an access token for somebody whom the portal knows. */
export const createToken: OperatorCommand = async (operator) => {
  const { words, options, env } = operator;
  const [account] = words;
  if (account === undefined) throw new WrongUse("token create needs an account");
  const scopes = scopesOf(options.scope);
  const lifetimeMs = daysOf(options.days) * 24 * hour;
  const config = readConfig({ argv: portalWords(options), env });
  const made = await withStateDatabase(config, async (database) => {
    const identities = createIdentityStore(database);
    if ((await identities.accountNamed(account)) === null)
      throw new EndstationError("account-unknown", `the portal knows no account "${account}"`);
    return identities.makeToken({ account, name: "Made by the operator", scopes, lifetimeMs }, Date.now());
  });
  const { id, expiresAt } = made.token;
  const value = { token: made.secret, id, account, scopes, expiresAt: new Date(expiresAt).toISOString() };
  answer(operator, value, made.secret);
  return 0;
};

function scopesOf(named: readonly string[]): readonly Scope[] {
  if (named.length === 0) return ["read", "sessions"];
  return named.map((name) => {
    const scope = knownScopes.find((one) => one === name);
    if (scope === undefined)
      throw new WrongUse(`"${name}" is not a scope; there are ${knownScopes.join(", ")}`);
    return scope;
  });
}

function daysOf(text: string | undefined): number {
  if (text === undefined) return usualDays;
  const days = Number(text);
  if (!(days > 0 && days <= mostDays))
    throw new WrongUse(`"${text}" is not a number of days up to ${mostDays}`);
  return days;
}
