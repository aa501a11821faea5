import { strict as assert } from "node:assert";
import { EndstationError, type Identity, type IdentityProvider, Rejected } from "../src/index.ts";

/** A provider under test, with somebody who acts as a person's browser. */
export interface IdentityFixture {
  readonly provider: IdentityProvider;
  /** The address a completed log-in comes back to. */
  readonly callbackUrl: string;
  /** Goes to `redirectTo`, logs in as the account and answers the full address the browser was sent back to. */
  logIn(redirectTo: string, account: string): Promise<string>;
  /** Goes to `redirectTo`, says no there, and answers the full address the browser was sent back to. */
  refuse(redirectTo: string): Promise<string>;
  /** Two accounts that the provider knows. */
  readonly accounts: readonly [string, string];
}

export interface IdentityCase {
  readonly name: string;
  run(fixture: IdentityFixture): Promise<void>;
}

const never = new AbortController().signal;

/** What every identity provider must do: run each case as a test of its own. */
export const identityProviderCases: readonly IdentityCase[] = [
  {
    name: "R1 a log-in gives an identity with issuer, subject, account and name",
    run: async (fixture) => {
      const identity = await logInAs(fixture, fixture.accounts[0]);
      assert.equal(identity.account, fixture.accounts[0]);
      for (const text of [identity.issuer, identity.subject, identity.name]) assert.notEqual(text, "");
    },
  },
  {
    name: "the same person has the same issuer and subject each time, another person another subject",
    run: async (fixture) => {
      const first = await logInAs(fixture, fixture.accounts[0]);
      const again = await logInAs(fixture, fixture.accounts[0]);
      const other = await logInAs(fixture, fixture.accounts[1]);
      assert.deepEqual([again.issuer, again.subject], [first.issuer, first.subject]);
      assert.notEqual(other.subject, first.subject);
    },
  },
  {
    name: "each log-in begins with a state and secrets of its own",
    run: async ({ provider, callbackUrl }) => {
      const [one, two] = [await provider.begin(callbackUrl, never), await provider.begin(callbackUrl, never)];
      assert.notEqual(one.state, two.state);
      assert.notDeepEqual(one.kept, two.kept);
      assert.ok(one.state.length >= 20);
    },
  },
  {
    name: "an answer is refused to a log-in that somebody else began",
    run: async (fixture) => {
      const mine = await fixture.provider.begin(fixture.callbackUrl, never);
      const theirs = await fixture.provider.begin(fixture.callbackUrl, never);
      const back = await fixture.logIn(theirs.redirectTo, fixture.accounts[1]);
      await assertLoginFails(fixture.provider.complete(back, mine.kept, never));
    },
  },
  {
    name: "an answer serves once",
    run: async (fixture) => {
      const begun = await fixture.provider.begin(fixture.callbackUrl, never);
      const back = await fixture.logIn(begun.redirectTo, fixture.accounts[0]);
      await fixture.provider.complete(back, begun.kept, never);
      await assertLoginFails(fixture.provider.complete(back, begun.kept, never));
    },
  },
  {
    name: "an answer with another code, or none, is refused",
    run: async (fixture) => {
      const begun = await fixture.provider.begin(fixture.callbackUrl, never);
      const forged = new URL(fixture.callbackUrl);
      forged.searchParams.set("state", begun.state);
      await assertLoginFails(fixture.provider.complete(forged.href, begun.kept, never));
      forged.searchParams.set("code", "a-code-nobody-gave");
      await assertLoginFails(fixture.provider.complete(forged.href, begun.kept, never));
    },
  },
  {
    name: "a log-in that the person refuses there is refused here",
    run: async (fixture) => {
      const begun = await fixture.provider.begin(fixture.callbackUrl, never);
      const back = await fixture.refuse(begun.redirectTo);
      await assertLoginFails(fixture.provider.complete(back, begun.kept, never));
    },
  },
  {
    name: "a call that is called off ends",
    run: async ({ provider, callbackUrl }) => {
      await assert.rejects(provider.begin(callbackUrl, AbortSignal.abort()));
    },
  },
];

async function logInAs(
  { provider, callbackUrl, logIn }: IdentityFixture,
  account: string,
): Promise<Identity> {
  const begun = await provider.begin(callbackUrl, never);
  return provider.complete(await logIn(begun.redirectTo, account), begun.kept, never);
}

async function assertLoginFails(attempt: Promise<unknown>): Promise<void> {
  await assert.rejects(attempt, (error) => {
    assert.ok(error instanceof Rejected, `${error} should be Rejected`);
    assert.ok(!(error instanceof EndstationError));
    assert.equal(error.refusal.code, "login-failed");
    return true;
  });
}
