import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { IdentityFixture } from "@endstation/core/testing";
import { Browser, choose } from "../../testing/browser.ts";
import type { DevelopmentAccount } from "./registry.ts";

export const someAccounts: readonly DevelopmentAccount[] = [
  {
    account: "pi",
    name: "Principal investigator",
    email: "pi@example.org",
    roles: [],
    sees: "a <b>bold</b> experiment",
  },
  { account: "other", name: "Another", email: null, roles: [], sees: "nothing" },
  { account: "admin", name: "Administrator", email: null, roles: ["admin"], sees: "the service" },
];

/** A server on a free loopback port; ends with the test. */
export async function withServer(test: (server: Server, origin: string) => Promise<void>): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await test(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

/** Acts as somebody's browser at the development issuer. */
export function atTheIssuer(callbackUrl: string): Pick<IdentityFixture, "logIn" | "refuse"> {
  const stopBefore = (url: string) => url.startsWith(callbackUrl);
  const answer = async (redirectTo: string, account: string | null) => {
    const browser = new Browser();
    return (await choose(browser, await browser.go(redirectTo), account, { stopBefore })).url;
  };
  return { logIn: answer, refuse: (redirectTo) => answer(redirectTo, null) };
}
