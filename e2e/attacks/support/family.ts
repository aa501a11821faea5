import type { Browser } from "playwright-core";
import type { World } from "./world.ts";

/** What attacks are tried on: there once the tests run. */
export interface Stage {
  readonly world: World;
  readonly browser: Browser;
}

/** Declares its tests; `sameSite`: to the browser, sessions and portal are one site. */
export type Family = (stage: () => Stage, sameSite: boolean) => void;
