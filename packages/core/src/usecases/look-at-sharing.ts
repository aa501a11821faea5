import type { Principal } from "../identity/principal.ts";
import type { Page, PageRequest } from "../ports/session-store.ts";
import type { Present, StoredAuditEntry } from "../ports/sharing.ts";
import { findSession } from "./session-access.ts";
import type { ShareDeps } from "./share-session.ts";

/** Who is inside now: for all who may look inside. */
export async function listPresent(
  deps: ShareDeps,
  principal: Principal | null,
  id: string,
): Promise<readonly Present[]> {
  await findSession(deps, principal, "look-inside", id);
  return deps.sharing.present(id);
}

/** What is recorded of who was let in: for the owner, the facility's support and its administrators. */
export async function listAudit(
  deps: ShareDeps,
  principal: Principal | null,
  id: string,
  page: PageRequest,
): Promise<Page<StoredAuditEntry>> {
  await findSession(deps, principal, "read-audit", id);
  return deps.sharing.audit(id, page);
}
