/** What a call was asked with. */
export interface FakeCall {
  readonly params: Record<string, string>;
  readonly query: Record<string, unknown>;
  readonly body: unknown;
  readonly idempotencyKey: string | null;
}
