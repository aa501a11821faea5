import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { access, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cause } from "@endstation/core";
import type { Attempt } from "../../../transports/tunnel/index.ts";
import type { Order } from "./container.ts";
import { type SessionFiles, writeFiles } from "./files.ts";
import { attemptOf } from "./names.ts";

/** A session that is taken on and has no container yet, because its image is not there. */
export interface Waiting {
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Why it never will have one; null: it may. */
  readonly refused: Cause | null;
}

type Mark = "started" | "stop";

/**
 * What the portal writes down of its sessions, for its successors and for portals beside it:
 *
 *     sessions/<handle>/order.json   it is taken on; written with the folder, by one rename
 *                       session/     /run/session inside
 *                       etc/         passwd and group inside
 *                       started      its container was started: it never is again
 *                       stop         its end was asked for
 *     waiting/<handle>.json          its image is not there
 */
export class Records {
  readonly #owner: string;
  readonly #sessions: string;
  readonly #waiting: string;
  /** Orders never change. */
  readonly #orders = new Map<string, Order>();

  constructor(stateFolder: string, owner: string) {
    this.#owner = owner;
    this.#sessions = join(stateFolder, "sessions");
    this.#waiting = join(stateFolder, "waiting");
    for (const path of [stateFolder, this.#sessions, this.#waiting])
      mkdirSync(path, { recursive: true, mode: 0o700 });
  }

  folderOf(handle: string): string {
    return join(this.#sessions, handle);
  }

  /** Null: there is no such session here. */
  async order(handle: string): Promise<Order | null> {
    const known = this.#orders.get(handle);
    if (known !== undefined) return known;
    if (attemptOf(this.#owner, handle) === null) return null;
    const order = await readJson<Order>(join(this.folderOf(handle), "order.json"));
    if (order !== null) this.#orders.set(handle, order);
    return order;
  }

  /** Writes a session down, unless somebody has already. */
  async layDown(handle: string, order: Order, files: SessionFiles): Promise<void> {
    const draft = draftIn(this.#sessions);
    try {
      await writeFiles(draft, order, files);
      await rename(draft, this.folderOf(handle));
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      if ((await this.order(handle)) === null) throw error;
    }
  }

  async mark(handle: string, mark: Mark): Promise<void> {
    await writeFile(join(this.folderOf(handle), mark), "").catch(unlessMissing);
  }

  isMarked(handle: string, mark: Mark): Promise<boolean> {
    return isThere(join(this.folderOf(handle), mark));
  }

  /** Of every session that was taken on and is not forgotten. */
  async handles(): Promise<string[]> {
    const names = await readdir(this.#sessions);
    return names.filter((name) => attemptOf(this.#owner, name) !== null);
  }

  /** Of one session, its latest attempt last. */
  async handlesOf(sessionId: string): Promise<string[]> {
    const attemptIn = (handle: string) => attemptOf(this.#owner, handle)?.attempt ?? 0;
    const handles = (await this.handles()).filter(
      (handle) => attemptOf(this.#owner, handle)?.sessionId === sessionId,
    );
    return handles.sort((a, b) => attemptIn(a) - attemptIn(b));
  }

  async forget(handle: string): Promise<void> {
    this.#orders.delete(handle);
    await rm(this.folderOf(handle), { recursive: true, force: true });
  }

  /** Removes what ended before `since` (milliseconds since 1970) and is not among `live`; drafts of dead portals, too. */
  async forgetOld(
    since: number,
    live: ReadonlySet<string>,
    revoke: (of: Attempt) => Promise<void>,
  ): Promise<void> {
    for (const name of await readdir(this.#sessions)) {
      const found = await stat(join(this.#sessions, name)).catch(() => null);
      if (found === null || live.has(name) || found.mtimeMs > since) continue;
      await this.closeWay(name, revoke);
      await this.forget(name);
    }
  }

  /** Closes the way into a session that has ended, unless that is done. */
  async closeWay(handle: string, revoke: (of: Attempt) => Promise<void>): Promise<void> {
    const of = attemptOf(this.#owner, handle);
    if (of === null || !(await this.isOpen(handle))) return;
    await revoke(of);
    await rm(this.#ticketOf(handle), { force: true });
  }

  /** Whether there is a way into it, as far as we know. */
  isOpen(handle: string): Promise<boolean> {
    return isThere(this.#ticketOf(handle));
  }

  async allWaiting(): Promise<ReadonlyMap<string, Waiting>> {
    const names = (await readdir(this.#waiting)).filter((name) => name.endsWith(".json"));
    const handles = names.map((name) => name.slice(0, -".json".length));
    const found = await Promise.all(
      handles.map(async (handle) => [handle, await this.waiting(handle)] as const),
    );
    return new Map(found.flatMap(([handle, one]) => (one === null ? [] : [[handle, one] as const])));
  }

  /** Null: it does not wait. */
  waiting(handle: string): Promise<Waiting | null> {
    return readJson<Waiting>(this.#waitingFile(handle));
  }

  async setWaiting(handle: string, waiting: Waiting): Promise<void> {
    const draft = draftIn(this.#waiting);
    await writeFile(draft, JSON.stringify(waiting), { mode: 0o600 });
    await rename(draft, this.#waitingFile(handle));
  }

  async endWaiting(handle: string): Promise<void> {
    await rm(this.#waitingFile(handle), { force: true });
  }

  #ticketOf(handle: string): string {
    return join(this.folderOf(handle), "session/tunnel.json");
  }

  #waitingFile(handle: string): string {
    return join(this.#waiting, `${handle}.json`);
  }
}

function draftIn(folder: string): string {
  return join(folder, `.new-${randomBytes(8).toString("hex")}`);
}

async function readJson<T>(path: string): Promise<T | null> {
  const text = await readFile(path, "utf8").catch(unlessMissing);
  return text === undefined ? null : (JSON.parse(text) as T);
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
