import { setTimeout as sleep } from "node:timers/promises";

/** Looks again and again until there is something other than nothing or false; fails with what was waited for. */
export async function until<Found>(
  what: string,
  look: () => Promise<Found | null | undefined | false>,
  patience = 60_000,
): Promise<Found> {
  const giveUpAt = performance.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > giveUpAt) throw new Error(`waited ${patience / 1000} s in vain for ${what}`);
    await sleep(100);
  }
}
