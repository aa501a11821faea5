import type { Session } from "@endstation/api";
import { type FakePortal, withFakePortal } from "./fake-portal.ts";
import { Cli } from "./run-cli.ts";

/** The session that tests speak of. */
export const id = "s-0123456789abcdefghij";
export const at = "2026-01-02T03:04:05.000Z";

export function session(changes: Partial<Session> = {}): Session {
  return {
    id,
    name: "My session",
    owner: { account: "pi", name: "P I" },
    kind: "jupyter",
    environment: "nexus",
    flavour: "small",
    provider: "local",
    placement: null,
    proposal: null,
    phase: "pending",
    reason: null,
    cause: null,
    waiting: null,
    stages: [{ name: "accepted", at }],
    contactLostSince: null,
    createdAt: at,
    startedAt: null,
    endedAt: null,
    expiresAt: at,
    warnedAt: null,
    datasets: ["d-1"],
    endpoints: ["jupyter"],
    notebook: null,
    parameters: {},
    job: null,
    exitCode: null,
    array: null,
    resultsPath: "/results",
    myAccess: "owner",
    ...changes,
  };
}

/** The command at a fake portal, logged in by `ENDSTATION_TOKEN`. */
export async function atPortal(
  answers: FakePortal["answers"],
  run: (cli: Cli, portal: FakePortal) => Promise<void>,
  environment: Record<string, string> = { ENDSTATION_TOKEN: "est_given" },
): Promise<void> {
  await withFakePortal(answers, async (portal) => {
    const cli = new Cli({ ENDSTATION_URL: portal.url, ...environment });
    try {
      await run(cli, portal);
    } finally {
      cli.end();
    }
  });
}

/** One page of a list. */
export const page = <Item>(...items: Item[]) => ({ items, next: null });
