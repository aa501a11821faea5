/** Tables of migrations/0004-gateway.sql and 0010-visits-by-token.sql. */
export interface GatewayTables {
  readonly tickets: TicketRow;
  readonly visits: VisitRow;
}

interface TicketRow {
  readonly digest: Buffer;
  readonly label: string;
  readonly account: string;
  readonly login: string | null;
  readonly token: string | null;
  readonly expires_at: number;
}

interface VisitRow extends TicketRow {
  readonly entered_at: number;
}
