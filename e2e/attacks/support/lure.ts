import type { Page } from "playwright-core";
import { type Victim, withVictim } from "./browsing.ts";
import type { Stage } from "./family.ts";
import { logIn, type Place, sessionOf, share } from "./people.ts";

/** `pi` at her browser, inside a session of `other`'s whose server and pages are the attacker's, and with a session of her own. */
export interface Lure {
  readonly victim: Victim;
  /** The attacker's session, open in a tab. */
  readonly page: Page;
  readonly place: Place;
  /** Her own session; nobody else is in it. */
  readonly own: Place;
}

export async function lured<Result>(
  { world, browser }: Stage,
  run: (lure: Lure) => Promise<Result>,
): Promise<Result> {
  const [other, pi] = await Promise.all([logIn(world, "other"), logIn(world, "pi")]);
  const [place, own] = await Promise.all([sessionOf(world, other), sessionOf(world, pi)]);
  await share(place, "pi");
  return withVictim(world, browser, "pi", async (victim) =>
    run({ victim, page: await victim.open(place), place, own }),
  );
}
