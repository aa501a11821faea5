import type { Adapter, AdapterFactory, AdapterPayload } from "oidc-provider";

interface Kept {
  readonly payload: AdapterPayload;
  readonly until: number;
}

const most = 2000;

/**
 * Where the provider keeps log-ins under way: memory, bounded. A restart loses a log-in that is half done, and no other:
 * the portal keeps its own log-ins in the database.
 */
export function createMemory(): AdapterFactory {
  const kept = new Map<string, Kept>();
  return (model) => new Memory(model, kept);
}

class Memory implements Adapter {
  readonly #model: string;
  readonly #kept: Map<string, Kept>;

  constructor(model: string, kept: Map<string, Kept>) {
    this.#model = model;
    this.#kept = kept;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    const oldest = this.#kept.keys().next();
    if (this.#kept.size >= most && oldest.done === false) this.#kept.delete(oldest.value);
    this.#kept.delete(this.#key(id));
    this.#kept.set(this.#key(id), { payload, until: performance.now() + expiresIn * 1000 });
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const found = this.#kept.get(this.#key(id));
    if (found === undefined || found.until <= performance.now()) return undefined;
    return found.payload;
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#search(({ payload }) => payload.uid === uid);
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#search(({ payload }) => payload.userCode === userCode);
  }

  async consume(id: string): Promise<void> {
    const found = await this.find(id);
    if (found !== undefined) found.consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id: string): Promise<void> {
    this.#kept.delete(this.#key(id));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, { payload }] of this.#kept) if (payload.grantId === grantId) this.#kept.delete(key);
  }

  #key(id: string): string {
    return `${this.#model}:${id}`;
  }

  #search(wanted: (kept: Kept) => boolean): AdapterPayload | undefined {
    for (const [key, one] of this.#kept)
      if (key.startsWith(`${this.#model}:`) && one.until > performance.now() && wanted(one))
        return one.payload;
    return undefined;
  }
}
