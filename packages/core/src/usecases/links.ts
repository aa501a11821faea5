import { demand, EndstationError } from "../errors.ts";
import type { Principal } from "../identity/principal.ts";
import { authorizeScope } from "../policy/authorize.ts";
import { hasRoom, mayTake } from "../policy/links.ts";
import type { ShareRole } from "../ports/session-store.ts";
import type { LinkRole, ShareLink } from "../ports/sharing.ts";
import type { Session } from "../session/session.ts";
import { hour } from "../time.ts";
import { mayHaveWhatIsInside } from "./enter-session.ts";
import { factsOf, findSession } from "./session-access.ts";
import { demandNotEnded, entryOf, type ShareDeps, shareFrom } from "./share-session.ts";

export interface NewLink {
  readonly as: LinkRole;
  /** How long it is good. */
  readonly hours: number;
  readonly mostUses: number | null;
}

/** What somebody is to a session by a link. */
export interface Joined {
  readonly sessionId: string;
  readonly as: ShareRole | "owner";
}

/** Those that are not revoked, with who came by them. */
export async function listLinks(
  deps: ShareDeps,
  principal: Principal | null,
  id: string,
): Promise<readonly ShareLink[]> {
  await findSession(deps, principal, "share", id);
  return (await deps.sharing.links(id)).filter(({ revokedAt }) => revokedAt === null);
}

/** Makes a link; its secret is answered this once and kept as a digest only. @throws session-ended */
export async function makeLink(
  deps: ShareDeps,
  principal: Principal | null,
  id: string,
  { as, hours, mostUses }: NewLink,
): Promise<{ readonly link: ShareLink; readonly secret: string }> {
  const { session } = await findSession(deps, principal, "share", id);
  demandNotEnded(session);
  const { account: by } = principal as Principal;
  const at = deps.clock.now();
  const until = at + hours * hour;
  const own = { id: deps.secrets.id(), sessionId: id, by, at, revokedAt: null, uses: [] };
  const link = { ...own, as, until, mostUses };
  const secret = deps.secrets.secret();
  const more = { role: as, until, way: `link ${link.id}` };
  const entry = entryOf(deps, principal as Principal, id, "link-made", more);
  await deps.sharing.addLink(link, deps.secrets.digestOf(secret), entry);
  return { link, secret };
}

/** Revokes a link; `andShares`: whoever came by it is let in no more. @throws not-found */
export async function revokeLink(
  deps: ShareDeps,
  principal: Principal | null,
  id: string,
  linkId: string,
  andShares: boolean,
): Promise<void> {
  await findSession(deps, principal, "share", id);
  const link = (await deps.sharing.links(id)).find((one) => one.id === linkId);
  const reason = andShares ? "with what came by it" : null;
  const entry = entryOf(deps, principal as Principal, id, "link-revoked", { way: `link ${linkId}`, reason });
  if (link === undefined || !(await deps.sharing.revokeLink(link, andShares, entry)))
    throw new EndstationError("not-found", "this session has no such link");
}

/**
 * Takes a link: it makes a share for who takes it, once; taken again it changes nothing. It never widens the data policy:
 * who may not have all that is inside is refused, and told nothing of it.
 * @throws link-invalid · session-ended · not-allowed
 */
export async function joinByLink(
  deps: ShareDeps,
  principal: Principal | null,
  secret: string,
): Promise<Joined> {
  demand(authorizeScope(principal, "sessions"));
  const person = principal as Principal;
  const link = await deps.sharing.linkBy(deps.secrets.digestOf(secret));
  demand(mayTake(link, deps.clock.now()));
  const { sessionId, as } = link as ShareLink;
  const session = (await deps.store.get(sessionId)) as Session;
  if (session.owner === person.account) return { sessionId, as: "owner" };
  demandNotEnded(session);
  const { share: had } = await factsOf(deps, person, session);
  const came = (link as ShareLink).uses.some(({ account }) => account === person.account);
  if (had !== null && (came || had !== "viewer" || as === "viewer")) return { sessionId, as: had };
  await demandInvited(deps, person, session, link as ShareLink);
  await take(deps, person, session, link as ShareLink);
  return { sessionId, as };
}

async function take(deps: ShareDeps, person: Principal, session: Session, link: ShareLink): Promise<void> {
  const { account } = person;
  const share = shareFrom(deps, session, { account, as: link.as, until: null }, { account: link.by });
  const entry = entryOf(deps, person, session.id, "link-taken", { role: link.as, way: `link ${link.id}` });
  const taken = await deps.sharing.takeLink(link, { ...share, link: link.id }, entry);
  if (taken === "taken") return;
  const why =
    taken === "removed" ? "its owner took back what you were let in by" : "as many as may have come by it";
  throw new EndstationError("link-invalid", why);
}

/** What the link's own count and the data policy say; a refusal by the data policy is recorded for the owner. */
async function demandInvited(
  deps: ShareDeps,
  person: Principal,
  session: Session,
  link: ShareLink,
): Promise<void> {
  if (!hasRoom(link)) throw new EndstationError("link-invalid", "as many as may have come by it");
  if (await mayHaveWhatIsInside(deps, person, session)) return;
  const more = { role: link.as, way: `link ${link.id}`, reason: "may not have what is inside" };
  await deps.sharing.record(entryOf(deps, person, session.id, "link-refused", more));
  throw new EndstationError(
    "not-allowed",
    "you may not have the data and results of this session, and a link gives no right to them",
    {
      next: "Ask who gave you the link: the principal investigator can add you to the team; then open it again.",
    },
  );
}
