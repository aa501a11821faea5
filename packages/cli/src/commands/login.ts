import { hostname } from "node:os";
import { ProblemError } from "@endstation/api";
import type { Context, GlobalOptions } from "../context.ts";
import { portalOf, show } from "../context.ts";
import { approval } from "../device.ts";
import { wrongUse } from "../failure.ts";
import { chosenPortal, type Portal, portalAddress, portalAt } from "../portal.ts";
import { list } from "../table.ts";
import { type AddCommands, addCommand, asItIs } from "./command.ts";

export const addLogin: AddCommands = (program, context) => {
  addCommand(
    program,
    "login [url]",
    "log this command in at a portal, by your browser",
    asItIs,
    (options, url) => logIn(context, options, url),
  );
  addCommand(program, "logout", "log this command out: its access token is revoked", asItIs, (options) =>
    logOut(context, options),
  );
  addCommand(program, "whoami", "who you are at the portal", asItIs, async (options) => {
    const me = await portalOf(context, options).call("me");
    show(context, options, me, (it) =>
      list([
        ["account", it.account],
        ["name", it.name],
        ["mail", it.email],
        ["roles", it.roles.join(", ")],
      ]),
    );
  });
};

async function logIn(context: Context, options: GlobalOptions, typed: string | undefined): Promise<void> {
  if (typed !== undefined && options.portal !== undefined)
    throw wrongUse("the portal is named twice", "Name it once: endstation login URL.");
  const named = typed ?? options.portal;
  const url =
    named === undefined
      ? chosenPortal(undefined, context.environment, context.credentials)
      : portalAddress(named);
  const name = `Command line on ${hostname()}`.slice(0, 100);
  const { token, account } = await approval(context, portalAt(url), { name });
  const before = context.credentials.of(url);
  const portal = portalAt(url, token);
  const tokenId = await newestNamed(portal, name);
  context.credentials.keep(url, { account, token, tokenId });
  if (before !== null && before.tokenId !== tokenId) await revoke(portal, before.tokenId);
  show(context, options, { portal: url, account }, () => `Logged in at ${url} as ${account}.`);
}

/** The id of the token that was just made: tokens are listed with the newest first. */
async function newestNamed(portal: Portal, name: string): Promise<string | null> {
  const { items } = await portal.call("listTokens");
  return items.find((token) => token.name === name)?.id ?? null;
}

async function logOut(context: Context, options: GlobalOptions): Promise<void> {
  const url = chosenPortal(options.portal, context.environment, context.credentials);
  const credential = context.credentials.of(url);
  if (credential !== null) await revoke(portalAt(url, credential.token), credential.tokenId);
  context.credentials.forget(url);
  show(context, options, { portal: url }, () =>
    credential === null ? `You were not logged in at ${url}.` : `Logged out at ${url}.`,
  );
}

/** A token that is gone already, or a portal that is, must not keep anybody logged in here. */
async function revoke(portal: Portal, id: string | null): Promise<void> {
  if (id === null) return;
  await portal.call("revokeToken", { id }).catch((error: unknown) => {
    if (!(error instanceof ProblemError) || error.problem.status >= 500) throw error;
  });
}
