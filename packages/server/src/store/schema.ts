import type { CatalogueTables } from "./tables/catalogue.ts";
import type { GatewayTables } from "./tables/gateway.ts";
import type { IdentityTables } from "./tables/identity.ts";
import type { NoticeTables } from "./tables/notices.ts";
import type { ProviderTables } from "./tables/providers.ts";
import type { SessionTables } from "./tables/sessions.ts";
import type { SharingTables } from "./tables/sharing.ts";
import type { TunnelTables } from "./tables/tunnels.ts";

/** Every table of the database, as the migrations make them; each group is declared by its owner in `tables/`. */
export interface Schema
  extends SessionTables,
    IdentityTables,
    CatalogueTables,
    GatewayTables,
    TunnelTables,
    ProviderTables,
    NoticeTables,
    SharingTables {}
