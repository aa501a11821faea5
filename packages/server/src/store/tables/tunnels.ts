/** Tables of migrations/0005-tunnels.sql. */
export interface TunnelTables {
  readonly tunnels: {
    readonly session_id: string;
    readonly attempt: number;
    readonly valid: Buffer | null;
    readonly offered: Buffer | null;
  };
}
