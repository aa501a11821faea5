import { type CancelSignal, type LaunchSpec, Rejected, Unavailable } from "@endstation/core";
import type { Account } from "../../../transports/exec.ts";
import type { SlurmConfig } from "./config.ts";
import type { Machine } from "./machine.ts";

/** Which account of the cluster a session runs as. */
export interface Accounts {
  /** @throws Rejected when there is none · Unavailable */
  of(spec: LaunchSpec, signal: CancelSignal): Promise<Account>;
  /** The one that Slurm calls so. @throws as `of` */
  named(name: string, signal: CancelSignal): Promise<Account>;
}

/** How long what was looked up is believed, in milliseconds. */
const believed = 600_000;
/** getent's own: there is no such key. */
const notThere = 2;

/** As configured, else by user id, both as the cluster itself knows them. */
export function createAccounts(
  name: string,
  config: SlurmConfig,
  machine: Machine,
  now: () => number,
): Accounts {
  const known = new Map<string, { readonly account: Account; readonly at: number }>();
  const lookUp = async (key: string, advice: string, signal: CancelSignal): Promise<Account> => {
    const before = known.get(key);
    if (before !== undefined && now() - before.at < believed) return before.account;
    const ran = await machine.exec({ words: ["getent", "passwd", key] }, signal);
    if (ran.status === notThere) throw new Rejected("launch-rejected", advice);
    const account = accountOf(ran.output);
    if (account === null) throw new Unavailable(`getent passwd ${key}: ${ran.error || ran.output}`);
    if (account.uid === 0) throw new Rejected("launch-rejected", `${key} is root, as whom no session runs`);
    known.set(key, { account, at: now() });
    return account;
  };
  return {
    named: (account, signal) => lookUp(account, `the cluster has no account "${account}"`, signal),
    of: (spec, signal) => {
      const portal = spec.document.owner.account;
      const mapped = config.account ?? config.accounts[portal];
      if (mapped !== undefined)
        return lookUp(
          mapped,
          `the cluster has no account "${mapped}"; correct the configuration of ${name}`,
          signal,
        );
      const advice = `${portal} has no account on the cluster: write "${portal}: NAME" into accounts of ${name}, or give her user id ${spec.posix.uid} an account there`;
      return lookUp(String(spec.posix.uid), advice, signal);
    },
  };
}

/** A line of passwd(5). */
export function accountOf(line: string): Account | null {
  const [name = "", , uid = "", gid = ""] = line.trim().split(":");
  return /^\d+$/.test(uid) && /^\d+$/.test(gid) && name !== ""
    ? { name, uid: Number(uid), gid: Number(gid) }
    : null;
}
