import { type Attempt, nameOf } from "../attempt.ts";
import type { TunnelKeys } from "../keys.ts";

interface Held {
  readonly valid: Buffer | null;
  readonly offered: Buffer | null;
}

/** Keys that live as long as this object: for tests without a database. */
export function memoryKeys(): TunnelKeys {
  const held = new Map<string, Held>();
  const revoked: Held = { valid: null, offered: null };
  const use = (of: Attempt, key: Buffer, offered: Buffer | null): boolean => {
    const known = held.get(nameOf(of)) ?? revoked;
    const fits = known.valid?.equals(key) === true || known.offered?.equals(key) === true;
    if (fits) held.set(nameOf(of), { valid: key, offered });
    return fits;
  };
  return {
    enrol: async (of, first) => {
      if (!held.has(nameOf(of))) held.set(nameOf(of), { valid: first, offered: null });
    },
    exchange: async (of, presented, next) => use(of, presented, next),
    accept: async (of, presented) =>
      held.get(nameOf(of))?.valid?.equals(presented) === true || use(of, presented, null),
    revoke: async (of) => void held.set(nameOf(of), revoked),
    revokedAmong: async (attempts) => attempts.filter((of) => held.get(nameOf(of)) === revoked),
  };
}
