import { until } from "../../support/until.ts";
import { type Asking, ask, type Told } from "./asking.ts";
import type { SessionServer } from "./session-server.ts";
import type { World } from "./world.ts";

/** A person who is logged in, as far as a client can be told from a browser. */
export interface Person {
  readonly account: string;
  readonly secret: string;
  /** Her `Cookie` header at the portal. */
  readonly cookie: string;
  /** A call of the API as the portal's own page makes it. */
  call(method: string, path: string, body?: unknown): Promise<Told>;
}

export async function logIn(world: World, account: string): Promise<Person> {
  const { secret } = await world.identities.openLogin(account, Date.now());
  const cookie = `__Host-endstation=${secret}`;
  const call = (method: string, path: string, body?: unknown) =>
    callApi(world, method, path, body, { cookie, origin: world.origin });
  return { account, secret, cookie, call };
}

/** A call of the API with whatever shows who asks. */
export function callApi(
  world: World,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Told> {
  const sent: Asking =
    body === undefined
      ? { method, headers }
      : { method, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) };
  return ask(world, world.origin, `/api/v1${path}`, sent);
}

/** A running session, its origin, and its server in the attacker's hands. */
export interface Place {
  readonly id: string;
  readonly owner: Person;
  readonly origin: string;
  readonly host: string;
  readonly server: SessionServer;
}

export async function sessionOf(world: World, owner: Person): Promise<Place> {
  const started = await owner.call("POST", "/sessions", { environment: "nexus" });
  if (started.status !== 201) throw new Error(`not started: ${started.status} ${started.body}`);
  const { id } = JSON.parse(started.body) as { id: string };
  const phase = async () => JSON.parse((await owner.call("GET", `/sessions/${id}`)).body).phase as string;
  await until("a session to run", async () => (await phase()) === "running", 20_000);
  const server = await world.serve(id);
  const { origin, host } = new URL((await ticketTo(owner, id)).url);
  return { id, owner, origin, host, server };
}

/** Which requests reached a session's server, of those with such an address. */
export function reached({ server }: Place, url: RegExp): string[] {
  return server.seen.map((seen) => seen.url).filter((one) => url.test(one));
}

export function share(place: Place, account: string, as = "member"): Promise<Told> {
  return place.owner.call("POST", `/sessions/${place.id}/shares`, { account, as });
}

export interface Ticket {
  readonly url: string;
  readonly ticket: string;
}

export async function ticketTo(person: Pick<Person, "call">, id: string): Promise<Ticket> {
  const opened = await person.call("POST", `/sessions/${id}/open`, { endpoint: "jupyter" });
  if (opened.status !== 200) throw new Error(`no ticket: ${opened.status} ${opened.body}`);
  return JSON.parse(opened.body) as Ticket;
}

/** Posts a ticket as the portal's page does; headers may say otherwise. */
export function post(
  world: World,
  { url, ticket }: Ticket,
  headers: Record<string, string> = {},
): Promise<Told> {
  const { origin, pathname } = new URL(url);
  const type = { "content-type": "application/x-www-form-urlencoded" };
  const body = `ticket=${ticket}`;
  return ask(world, origin, pathname, {
    ...{ method: "POST", body },
    headers: { origin: world.origin, ...type, ...headers },
  });
}

/** Goes into a session; answers the `Cookie` header that lets in from then on. */
export async function enter(world: World, person: Pick<Person, "call">, { id }: Place): Promise<string> {
  const entered = await post(world, await ticketTo(person, id));
  const cookie = entered.headers["set-cookie"]?.[0]?.split(";", 1)[0];
  if (entered.status !== 303 || cookie === undefined)
    throw new Error(`not let in: ${entered.status} ${entered.body}`);
  return cookie;
}

/** Somebody inside a session of her own, and the cookie that lets her in. */
export async function insideOwn(world: World, account: string): Promise<{ place: Place; cookie: string }> {
  const person = await logIn(world, account);
  const place = await sessionOf(world, person);
  return { place, cookie: await enter(world, person, place) };
}
