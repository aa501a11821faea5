import { day, hour } from "@endstation/core";
import { pruneHints } from "../store/hints.ts";
import { forgetIdempotencyKeys } from "../store/idempotency.ts";
import { createNoticeStore } from "../store/notices.ts";
import { inContact, liveSessions, providersInUse } from "../store/provider-sessions.ts";
import { forgetTunnelKeys } from "../store/tunnel-keys.ts";
import { type Loop, startLoop } from "./loop.ts";
import { happen, type Stage } from "./stage.ts";
import { eachOf } from "./turns.ts";

/** How long browsers may be away and still be told what changed, and how long a request may be repeated. */
const kept = 24 * hour;

/** How long people find what they were told. */
const noticesKept = 30 * day;

/** Slow work that keeps the tables in order. */
export function startKeeping(stage: Stage): Loop[] {
  const { pace, log } = stage;
  return [
    startLoop({ name: "pruning", every: hour / 4, pace, log, work: () => prune(stage) }),
    startLoop({
      name: "providers that are gone",
      every: 60_000,
      pace,
      log,
      work: () => markUnconfigured(stage),
    }),
  ];
}

async function prune({ database, clock }: Stage): Promise<void> {
  await pruneHints(database, kept);
  await forgetIdempotencyKeys(database, clock.now() - kept);
  await forgetTunnelKeys(database);
  await createNoticeStore(database).forget(clock.now() - noticesKept);
}

/** Sessions of a provider that the configuration no longer has cannot be asked after: out of contact, not gone. */
async function markUnconfigured(stage: Stage): Promise<void> {
  const unknown = (await providersInUse(stage.database)).filter((name) => !stage.providers.has(name));
  for (const name of unknown) {
    stage.log.warn({ provider: name }, "there are sessions of a provider that is not configured");
    for await (const sessions of liveSessions(stage.database, name, inContact))
      await eachOf(
        sessions,
        16,
        async (session) => void (await happen(stage, session, { type: "contact-lost" })),
      );
  }
}
