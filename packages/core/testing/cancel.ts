import type { CancelSignal } from "../src/ports/cancel-signal.ts";

/** A signal and the means to raise it, without a platform. */
export interface CancelSource {
  readonly signal: CancelSignal;
  cancel(): void;
}

export function cancelSource(): CancelSource {
  const listeners = new Set<() => void>();
  const state = { aborted: false };
  return {
    signal: {
      get aborted() {
        return state.aborted;
      },
      addEventListener: (_type, listener) => void listeners.add(listener),
      removeEventListener: (_type, listener) => void listeners.delete(listener),
    },
    cancel() {
      if (state.aborted) return;
      state.aborted = true;
      for (const listener of [...listeners]) listener();
    },
  };
}

/** A signal that is never raised. */
export const never: CancelSignal = {
  aborted: false,
  addEventListener: () => {},
  removeEventListener: () => {},
};
