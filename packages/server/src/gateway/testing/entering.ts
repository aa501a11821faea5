import type { EndpointKind, SessionRelation } from "@endstation/core";
import { ask } from "./browser.ts";
import { type House, type Place, principalOf } from "./house.ts";

export interface Entering {
  readonly account?: string;
  readonly relation?: SessionRelation;
  readonly login?: string | null;
}

export function ticketTo(house: House, { session }: Place, entering: Entering = {}) {
  const { account = session.owner, login = null } = entering;
  const relation = entering.relation ?? (account === session.owner ? "owner" : "member");
  return house.gateway.issueTicket({
    ...{
      session,
      principal: principalOf(account),
      relation,
      endpoint: session.kind as EndpointKind,
      login,
      token: null,
    },
  });
}

/** Posts a ticket as the portal's page does; headers may say otherwise. */
export function post(
  house: House,
  { url, ticket }: { url: string; ticket: string },
  headers: Record<string, string> = {},
) {
  const { host, pathname } = new URL(url);
  const type = { "content-type": "application/x-www-form-urlencoded" };
  return ask(house.port, {
    ...{ host, path: pathname, method: "POST", body: `ticket=${ticket}` },
    headers: { origin: house.portalOrigin, ...type, ...headers },
  });
}

/** Enters as a browser does; answers the `Cookie` header it has from then on. */
export async function enter(house: House, place: Place, entering: Entering = {}): Promise<string> {
  const answer = await post(house, await ticketTo(house, place, entering));
  const cookie = answer.headers["set-cookie"]?.[0]?.split(";", 1)[0];
  if (answer.status === 303 && cookie !== undefined) return cookie;
  throw new Error(`not entered: ${answer.status} ${answer.body}`);
}
