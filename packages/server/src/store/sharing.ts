import type { Sharing } from "@endstation/core";
import { auditOf, recordEntry } from "./audit.ts";
import type { Database } from "./database.ts";
import { createRequestStore } from "./join-requests.ts";
import { createLinkStore } from "./links.ts";
import { createPresenceStore } from "./presences.ts";
import { createShareStore } from "./shares.ts";

/** All that core asks of the store about who else may enter a session. */
export function createSharingStore(database: Database): Omit<Sharing, "accountNamed"> {
  const { present } = createPresenceStore(database);
  return {
    ...createShareStore(database),
    ...createLinkStore(database),
    ...createRequestStore(database),
    record: (entry) => recordEntry(database.db, entry),
    audit: (sessionId, page) => auditOf(database.db, sessionId, page),
    present,
  };
}
