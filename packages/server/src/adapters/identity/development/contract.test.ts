import { test } from "node:test";
import { type IdentityFixture, identityProviderCases } from "@endstation/core/testing";
import { atTheIssuer, someAccounts, withServer } from "../identity-testing.ts";
import { developmentIdentity } from "../registry.ts";

async function withDevelopment(run: (fixture: IdentityFixture) => Promise<void>): Promise<void> {
  await withServer(async (server, origin) => {
    const { provider, mounts } = developmentIdentity(origin, someAccounts);
    server.on("request", (request, response) => mounts[0]?.handle(request, response));
    const callbackUrl = `${origin}/auth/callback`;
    await run({ provider, callbackUrl, accounts: ["pi", "other"], ...atTheIssuer(callbackUrl) });
  });
}

for (const { name, run } of identityProviderCases)
  test(`development issuer: ${name}`, () => withDevelopment(run));
