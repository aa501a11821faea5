/** Tables of migrations/0007-providers.sql. */
export interface ProviderTables {
  readonly drains: { readonly provider: string; readonly by_account: string; readonly at: number };
}
