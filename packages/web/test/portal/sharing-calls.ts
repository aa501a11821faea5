import type { CallAnswer, Link, RouteName, Share } from "@endstation/api";
import type { FakeCall } from "./fake-call.ts";
import { notFound, Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

type Names =
  | "handOver"
  | "listLinks"
  | "makeLink"
  | "revokeLink"
  | "joinByLink"
  | "askToJoin"
  | "listRequests"
  | "answerRequest"
  | "withdrawRequest"
  | "listPresent"
  | "listAudit";

type Handlers = {
  readonly [Name in Names & RouteName]: (world: World, call: FakeCall) => CallAnswer<Name>;
};

const page = <Item>(items: Item[]) => ({ items, next: null });
const now = () => new Date().toISOString();
const later = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

/** What is asked about letting others in, answered from the world alone. */
export const sharing: Handlers = {
  handOver: (world, { params, body }) => {
    const { account, as } = body as { account: string; as: "member" | "viewer" };
    const id = params["id"] ?? "";
    const shares = (world.shares.get(id) ?? []).map((one) =>
      one.account === account ? { ...one, as } : one,
    );
    world.shares.set(id, shares);
    world.present = world.present.map((one) => (one.account === account ? { ...one, role: as } : one));
    return shares.find((one) => one.account === account) as Share;
  },
  listLinks: ({ links }) => page(links),
  makeLink: (world, { body }) => {
    const { as, hours, mostUses = null } = body as { as: Link["as"]; hours: number; mostUses?: number };
    const id = `link${world.links.length}`;
    const link = { id, as, until: later(hours), mostUses, uses: [], by: "pi", at: now() };
    world.links = [link, ...world.links];
    return { ...link, url: `https://portal.example.org/join#${"s".repeat(43)}` };
  },
  revokeLink: (world, { params }) => {
    world.links = world.links.filter(({ id }) => id !== params["link"]);
    return undefined;
  },
  joinByLink: (world, { body }) => {
    const { secret } = body as { secret: string };
    const [first] = world.sessions;
    if (secret === "good" && first !== undefined) return { session: first.id, as: "viewer" };
    throw new Refusal(404, "link-invalid", "The link is no longer good", "its time is over");
  },
  askToJoin: (world, { params, body }) => {
    const { as, reason = null } = body as { as: Share["as"]; reason?: string };
    const account = world.me?.account ?? "";
    const session = { id: params["id"] ?? "", name: "Background of the empty can" };
    const asked = { as, reason, state: "open" as const, at: now(), until: later(4), answeredAt: null };
    const id = `ask${world.requests.length}`;
    const made = { id, session, owner: "member", account, name: world.me?.name ?? "", ...asked };
    world.requests = [made, ...world.requests];
    return made;
  },
  listRequests: ({ requests }) => page(requests),
  answerRequest: (world, call) => {
    const { answer } = call.body as { answer: "yes" | "no" };
    const request = requestOf(world, call);
    world.requests = world.requests.filter((one) => one !== request);
    return { ...request, state: answer === "yes" ? "accepted" : "declined", answeredAt: now() };
  },
  withdrawRequest: (world, call) => {
    const request = requestOf(world, call);
    world.requests = world.requests.map((one) => (one === request ? { ...one, state: "withdrawn" } : one));
    return undefined;
  },
  listPresent: ({ present }) => page(present),
  listAudit: ({ audit }) => page(audit),
};

function requestOf({ requests }: World, { params }: FakeCall) {
  const found = requests.find(({ id }) => id === params["request"]);
  if (found === undefined) throw notFound("there is no such request among yours");
  return found;
}
