import { basename } from "node:path";
import type { PosixAccount } from "@endstation/core";
import type { EngineInfo } from "./schema.ts";

/** Numbers of this machine that stand for 0, 1, 2, … inside a container. */
export interface Range {
  readonly first: number;
  readonly count: number;
}

/** How an engine with `userns-remap` renumbers accounts. */
export interface Remap {
  readonly users: Range;
  readonly groups: Range;
}

/** How many numbers an account is given where nothing is written down (login.defs). */
const usualCount = 65_536;

/**
 * What an engine says of its remapping: the first numbers are in its folder's name (`/var/lib/docker/500000.500000`), how
 * many there are in `/etc/subuid` and `/etc/subgid`. Null: it renumbers nobody.
 */
export function remapOf(info: EngineInfo, subuid: string, subgid: string): Remap | null {
  if (!(info.SecurityOptions ?? []).some((option) => option.split(",").includes("name=userns"))) return null;
  const [, user, group] = /^(\d+)\.(\d+)$/.exec(basename(info.DockerRootDir)) ?? [];
  if (user === undefined || group === undefined) return null;
  return { users: rangeFrom(Number(user), subuid), groups: rangeFrom(Number(group), subgid) };
}

function rangeFrom(first: number, text: string): Range {
  const lines = text.split("\n").map((line) => line.split(":"));
  const count = Number(lines.find((line) => Number(line[1]) === first)?.[2] ?? usualCount);
  return { first, count };
}

/** Who a session is inside its container. */
export interface AccountInside extends PosixAccount {
  /** Whether its container keeps the machine's numbers although the engine renumbers others. */
  readonly unmapped: boolean;
}

/** Files must belong to the account on the machine: it is renumbered where the range holds all of it, else kept. */
export function accountInside(posix: PosixAccount, remap: Remap | null): AccountInside {
  if (remap === null) return { ...posix, unmapped: false };
  const { users, groups } = remap;
  const fits = within(users, posix.uid) && [posix.gid, ...posix.groups].every((id) => within(groups, id));
  if (!fits) return { ...posix, unmapped: true };
  return {
    uid: posix.uid - users.first,
    gid: posix.gid - groups.first,
    groups: posix.groups.map((id) => id - groups.first),
    unmapped: false,
  };
}

function within({ first, count }: Range, id: number): boolean {
  return id >= first && id < first + count;
}
