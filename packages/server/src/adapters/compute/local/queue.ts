import { placesFor } from "./offers.ts";
import type { Site } from "./site.ts";
import { ensureSupervised } from "./starting.ts";
import type { Watch } from "./watching.ts";

/**
 * Begins the batch sessions that have waited longest, as long as there is room for the next. The queue is the folder of
 * orders that no supervisor has taken on: nothing of it is kept in memory.
 */
export function advance(site: Site, known: Watch): Promise<void> {
  return inTurn(site, async () => {
    for (const { handle, order } of await known.queued()) {
      if (placesFor(order, site.capacity, await known.running()) === 0) return;
      await ensureSupervised(site, handle);
    }
  });
}

const turns = new WeakMap<Site, Promise<unknown>>();

/** One at a time, so that two starts do not both take the last place. */
export async function inTurn(site: Site, work: () => Promise<void>): Promise<void> {
  const turn = (turns.get(site) ?? Promise.resolve()).then(work);
  turns.set(
    site,
    turn.catch(() => {}),
  );
  await turn;
}
