import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type PosixAccount, Rejected, Unavailable } from "@endstation/core";
import type { FacilityNames } from "../config/index.ts";

const execute = promisify(execFile);

/**
 * Accounts that the facility's own directory has (files, LDAP, SSSD: whatever `getent` asks). Null for somebody who is
 * none of its users.
 * @throws Rejected when her proposal has no group there · Unavailable when the directory cannot be asked.
 */
export function facilityAccounts({ accounts, groups, sameNames }: FacilityNames) {
  const nameFrom = (names: Readonly<Record<string, string>>, name: string) =>
    Object.hasOwn(names, name) ? names[name] : sameNames ? name : undefined;
  return async (account: string, proposal: string | null): Promise<PosixAccount | null> => {
    const user = nameFrom(accounts, account);
    const known = user === undefined ? null : await userNamed(user);
    if (known === null) return null;
    if (proposal === null) return { ...known, groups: [] };
    const group = nameFrom(groups, proposal);
    const gid = group === undefined ? null : await groupNamed(group);
    if (gid === null)
      throw new Rejected(
        "launch-rejected",
        `${proposal} has no group on the facility's machines; an administrator names it in posix.groups`,
      );
    return { uid: known.uid, gid, groups: [known.gid] };
  };
}

async function userNamed(name: string): Promise<{ uid: number; gid: number } | null> {
  const entry = await entryOf("passwd", name);
  return entry === null ? null : { uid: Number(entry[2]), gid: Number(entry[3]) };
}

async function groupNamed(name: string): Promise<number | null> {
  const entry = await entryOf("group", name);
  return entry === null ? null : Number(entry[2]);
}

const noSuchKey = 2;

/** The fields of a directory entry. A number would be looked up as a uid: that is no name. */
async function entryOf(database: "passwd" | "group", name: string): Promise<string[] | null> {
  if (!/^[a-z_][a-z0-9_.@-]*\$?$/i.test(name)) return null;
  try {
    const { stdout } = await execute("getent", [database, name], { timeout: 10_000 });
    return stdout.trim().split(":");
  } catch (error) {
    if ((error as { code?: unknown }).code === noSuchKey) return null;
    throw new Unavailable(`the facility's directory did not answer for ${name}`, { cause: error });
  }
}
