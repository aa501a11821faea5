import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cause, EndpointKind, SessionKind } from "@endstation/core";
import type { Account } from "../../../transports/exec.ts";
import { startOf } from "./names.ts";

/** `order.json`: what was to be started. Never changes. */
export interface Order {
  readonly account: Account;
  /** The session's folder as the cluster sees it. */
  readonly folder: string;
  readonly kind: SessionKind;
  readonly endpoints: readonly EndpointKind[];
  readonly memoryMiB: number;
  readonly at: number;
}

/** `job.json`: Slurm has taken it. */
export interface Taken {
  readonly id: number;
  readonly at: number;
}

/** `end.json`: how it ended. Slurm forgets that within minutes. */
export interface End {
  readonly attempt: number;
  readonly exitCode: number | null;
  readonly cause: Cause | null;
  readonly at: number;
}

interface Parts {
  order: Order;
  job: Taken;
  asked: { readonly at: number };
  end: End;
}

/**
 * What the portal keeps of each start, one small file per fact in its state folder, each written whole. No fact is
 * ever taken back, so processes that share the folder need not wait for each other.
 */
export class Notes {
  readonly #folder: string;
  /** What never changes any more. */
  readonly #orders = new Map<string, Order>();
  readonly #ends = new Map<string, End>();

  constructor(stateFolder: string) {
    this.#folder = join(stateFolder, "sessions");
  }

  async handles(): Promise<string[]> {
    const names = await readdir(this.#folder).catch(() => []);
    return names.filter((name) => startOf(name) !== null);
  }

  async order(handle: string): Promise<Order | null> {
    return this.#kept(this.#orders, handle, "order");
  }

  async end(handle: string): Promise<End | null> {
    return this.#kept(this.#ends, handle, "end");
  }

  job(handle: string): Promise<Taken | null> {
    return this.#read(handle, "job");
  }

  async isAsked(handle: string): Promise<boolean> {
    return (await this.#read(handle, "asked")) !== null;
  }

  async begin(handle: string, order: Order): Promise<void> {
    if ((await this.order(handle)) === null) await this.#write(handle, "order", order);
  }

  take(handle: string, job: Taken): Promise<void> {
    return this.#write(handle, "job", job);
  }

  ask(handle: string, at: number): Promise<void> {
    return this.#write(handle, "asked", { at });
  }

  finish(handle: string, end: End): Promise<void> {
    return this.#write(handle, "end", end);
  }

  async forget(handle: string): Promise<void> {
    this.#orders.delete(handle);
    this.#ends.delete(handle);
    await rm(join(this.#folder, handle), { recursive: true, force: true });
  }

  async #kept<Part extends "order" | "end">(
    kept: Map<string, Parts[Part]>,
    handle: string,
    part: Part,
  ): Promise<Parts[Part] | null> {
    const found = kept.get(handle) ?? (await this.#read(handle, part));
    if (found !== null) kept.set(handle, found);
    return found;
  }

  async #read<Part extends keyof Parts>(handle: string, part: Part): Promise<Parts[Part] | null> {
    if (startOf(handle) === null) return null;
    try {
      return JSON.parse(await readFile(join(this.#folder, handle, `${part}.json`), "utf8"));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  async #write<Part extends keyof Parts>(handle: string, part: Part, value: Parts[Part]): Promise<void> {
    await mkdir(join(this.#folder, handle), { recursive: true, mode: 0o700 });
    const file = join(this.#folder, handle, `${part}.json`);
    const partial = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
    await writeFile(partial, JSON.stringify(value), { mode: 0o600 });
    await rename(partial, file);
  }
}
