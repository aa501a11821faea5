import type { FacilityRole, Scope } from "@endstation/core";
import type { ColumnType } from "kysely";

/** See `migrations/0002-identity.sql` for what each table holds. Moments are milliseconds since 1970. */
export interface IdentityTables {
  people: PeopleTable;
  identities: IdentitiesTable;
  pending_logins: PendingLoginsTable;
  logins: LoginsTable;
  tokens: TokensTable;
  device_logins: DeviceLoginsTable;
  posix_accounts: { account: string; uid: number };
  posix_groups: { proposal: string; gid: number };
}

interface PeopleTable {
  account: string;
  id: string;
  name: string;
  email: string | null;
  roles: FacilityRole[];
  declared_roles: FacilityRole[];
  created_at: number;
  last_login_at: number | null;
}

interface IdentitiesTable {
  issuer: string;
  subject: string;
  account: string;
  linked_at: number;
}

interface PendingLoginsTable {
  browser_hash: Buffer;
  state: string;
  /** Written as JSON text, read as what it says. */
  kept: ColumnType<Record<string, string>, string, never>;
  return_to: string;
  expires_at: number;
}

interface LoginsTable {
  id: string;
  secret_hash: Buffer;
  account: string;
  created_at: number;
  last_seen_at: number;
  expires_at: number;
}

interface TokensTable {
  id: string;
  secret_hash: Buffer;
  account: string;
  name: string;
  scopes: Scope[];
  created_at: number;
  expires_at: number;
  last_used_at: number | null;
}

interface DeviceLoginsTable {
  device_hash: Buffer;
  user_code: string;
  name: string;
  scopes: Scope[];
  lifetime_ms: number;
  state: "waiting" | "approved" | "refused";
  account: string | null;
  last_polled_at: number | null;
  expires_at: number;
}
