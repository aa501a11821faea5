import { EndstationError } from "../errors.ts";
import type { Principal } from "../identity/principal.ts";
import type { AdmissionLimits } from "../policy/admit.ts";
import type { LifeLimits, SessionEvent } from "../session/event.ts";
import { isEnded } from "../session/session.ts";
import { hour } from "../time.ts";
import { applyEvent } from "./apply-event.ts";
import { type AccessDeps, findSession, type SessionView } from "./session-access.ts";

export interface ChangeDeps extends AccessDeps {
  readonly life: LifeLimits;
  readonly limits: AdmissionLimits;
}

/** Asks for its end; asked again, or of an ended one, nothing more happens. */
export async function stopSession(
  deps: ChangeDeps,
  principal: Principal | null,
  id: string,
): Promise<SessionView> {
  const view = await findSession(deps, principal, "stop", id);
  const by = (principal as Principal).account;
  return changed(deps, view, {
    type: "stop-requested",
    reason: view.relation === "owner" ? "user" : "admin",
    by,
  });
}

/** Lets it run `hours` longer from now, up to the longest life a session may have. */
export async function extendSession(
  deps: ChangeDeps,
  principal: Principal | null,
  id: string,
  hours: number,
): Promise<SessionView> {
  const view = await findSession(deps, principal, "extend", id);
  demandLive(view);
  const longest =
    (view.session.startedAt ?? view.session.createdAt) + deps.limits.longestLifetimeHours * hour;
  const until = Math.min(deps.clock.now() + hours * hour, longest);
  if (until <= view.session.expiresAt) {
    throw new EndstationError(
      "lifetime-limit",
      `a session may live ${deps.limits.longestLifetimeHours} hours; this would not make it longer`,
    );
  }
  return changed(deps, view, { type: "extended", until });
}

/** Asks for the end of all that were asked for together with it; the answer is the one that was named. */
export async function stopArray(
  deps: ChangeDeps,
  principal: Principal | null,
  id: string,
): Promise<SessionView> {
  const named = await stopSession(deps, principal, id);
  const array = named.session.batch?.array ?? null;
  if (array === null) return named;
  const page = { limit: array.size, cursor: null };
  const { items } = await deps.store.list({ array: array.id, phase: "live" }, page);
  for (const session of items) if (session.id !== id) await stopSession(deps, principal, session.id);
  return named;
}

export async function renameSession(
  deps: ChangeDeps,
  principal: Principal | null,
  id: string,
  name: string,
): Promise<SessionView> {
  const view = await findSession(deps, principal, "rename", id);
  return changed(deps, view, { type: "renamed", name });
}

function demandLive({ session }: SessionView): void {
  if (isEnded(session) || session.phase === "stopping")
    throw new EndstationError("wrong-phase", `the session is ${session.phase}`);
}

async function changed(deps: ChangeDeps, view: SessionView, event: SessionEvent): Promise<SessionView> {
  const session = await applyEvent(
    { store: deps.store, clock: deps.clock, limits: deps.life },
    view.session.id,
    event,
  );
  return { ...view, session: session ?? view.session };
}
