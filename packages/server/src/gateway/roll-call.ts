import type { Logger } from "pino";
import type { PresenceStore } from "../store/presences.ts";
import type { Presence } from "./presence.ts";

/** Tells the store who is inside through this process. */
export interface RollCall {
  /** Of all that are known: those with a right to be inside are here. */
  call(known: readonly Presence[]): Promise<void>;
  /** It is over for this one. */
  left(presence: Presence): void;
}

/** A third of the lease that the store gives. */
const everyMs = 5_000;
/** Whoever was judged within that need not be judged for this. */
const judgedWithinMs = 30_000;

export function createRollCall(
  here: Pick<PresenceStore, "touch" | "leave">,
  log: Pick<Logger, "warn">,
): RollCall {
  const toldAt = new Map<Presence, number>();
  let last = Number.NEGATIVE_INFINITY;
  const leave = async (gone: readonly Presence[]) => {
    for (const presence of gone) toldAt.delete(presence);
    if (gone.length > 0) await here.leave(digestsOf(gone));
  };
  const quietly = (done: Promise<unknown>) =>
    done.catch((error: unknown) => log.warn({ err: error }, "who is inside could not be told"));
  const call = async (known: readonly Presence[]) => {
    const inside = new Set(await thoseInside(known));
    await leave([...toldAt.keys()].filter((presence) => !inside.has(presence)));
    const now = performance.now();
    const due = [...inside].filter(
      (presence) => (toldAt.get(presence) ?? Number.NEGATIVE_INFINITY) < now - everyMs,
    );
    if (due.length === 0 && last > now - everyMs) return;
    last = now;
    await here.touch(digestsOf(due));
    for (const presence of due) toldAt.set(presence, now);
  };
  return {
    call: async (known) => void (await quietly(call(known))),
    left: (presence) => {
      if (toldAt.has(presence)) void quietly(leave([presence]));
    },
  };
}

/** Who has a page open that asks in vain is not inside. */
async function thoseInside(known: readonly Presence[]): Promise<Presence[]> {
  const judged = await Promise.all(
    known.map(async (presence) => {
      const judgement = await presence.judgement(judgedWithinMs).catch(() => null);
      return judgement?.decision.allowed === true && judgement.session?.phase === "running";
    }),
  );
  return known.filter((_, index) => judged[index] === true);
}

function digestsOf(presences: readonly Presence[]): Buffer[] {
  return presences.map(({ visit }) => visit.digest);
}
