import {
  EndstationError,
  type ErrorCode,
  hour,
  type Principal,
  type Session,
  type ShareDeps,
  type SupportRule,
} from "@endstation/core";
import { secrets } from "../compose/platform.ts";
import type { Database } from "../store/database.ts";
import { createSessionStore } from "../store/session-store.ts";
import { livedSession, toRunning } from "../store/session-testing.ts";
import { createSharingStore } from "../store/sharing.ts";
import { withDatabase } from "../store/testing.ts";

/** A running session of `pi`'s on embargoed data of `p-1`, the people around it, and all that sharing needs. */
export interface SharingScene {
  readonly deps: ShareDeps;
  readonly database: Database;
  readonly session: Session;
  /** Whom the data are open to now. */
  readonly mayRead: Set<string>;
  readonly team: Set<string>;
  as(account: string): Principal;
  /** What the portal's clock shows. */
  now: number;
}

const support = new Set(["helper", "stranger-helper"]);
const people = ["pi", "ann", "bob", "eve", ...support];

export function withScene(
  test: (scene: SharingScene) => Promise<void>,
  rule: SupportRule = { enters: "with-consent" },
): Promise<void> {
  return withDatabase(async (database) => {
    const store = createSessionStore(database);
    const more = { owner: "pi", proposal: "p-1", datasets: ["d-1"], createdAt: 1_000 };
    const session = await livedSession(store, toRunning, more);
    const mayRead = new Set(["pi", "ann", "bob", "helper"]);
    const team = new Set(["pi", "ann", "bob"]);
    const scene = { database, session, mayRead, team, as: personNamed, now: hour };
    const deps: ShareDeps = {
      ...{ store, secrets, support: rule },
      clock: { now: () => scene.now },
      teams: { proposalsOf: async (account) => new Set(team.has(account) ? ["p-1"] : []) },
      rights: { mayReadAll: async ({ account }) => mayRead.has(account) },
      sharing: {
        ...createSharingStore(database),
        accountNamed: async (account) => (people.includes(account) ? personNamed(account) : null),
      },
    };
    await test(Object.assign(scene, { deps }));
  });
}

function personNamed(account: string): Principal {
  const roles = support.has(account) ? (["support"] as const) : [];
  return { account, name: account, email: null, roles, scopes: null };
}

/** The code that something is refused with; null when it is not. */
export async function refusedWith(asked: Promise<unknown>): Promise<ErrorCode | null> {
  try {
    await asked;
    return null;
  } catch (error) {
    if (error instanceof EndstationError) return error.code;
    throw error;
  }
}
