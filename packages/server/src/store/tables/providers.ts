/** Tables of migrations/0007-providers.sql. */
export interface ProviderTables {
  readonly outages: { readonly provider: string; readonly since: number };
  readonly drains: { readonly provider: string; readonly by_account: string; readonly at: number };
}
