/** What every call of a port takes to be called off: the part of `AbortSignal` that core can name without a platform. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
