import { batchJourneys } from "./batch-journeys.ts";
import { dataJourneys } from "./data-journeys.ts";
import type { Journey } from "./journey.ts";
import { lifeJourneys } from "./life-journeys.ts";
import { liveJourneys } from "./live-journeys.ts";
import { openJourneys } from "./open-journeys.ts";
import { personJourneys } from "./person-journeys.ts";
import { sharingJourneys } from "./sharing-journeys.ts";

/** What people do, step by step. */
export const journeys: readonly Journey[] = [
  ...personJourneys,
  ...dataJourneys,
  ...openJourneys,
  ...lifeJourneys,
  ...liveJourneys,
  ...batchJourneys,
  ...sharingJourneys,
];
