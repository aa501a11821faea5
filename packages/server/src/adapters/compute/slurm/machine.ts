import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Account, type Exec, execAs, execHere, sudoWords } from "../../../transports/exec.ts";
import { execOverSsh } from "../../../transports/ssh.ts";
import type { SlurmConfig } from "./config.ts";

/** The machine where commands run and sessions' folders are made: this one, or the cluster's login node. */
export interface Machine {
  /** As whoever asks for lists and looks accounts up. */
  readonly exec: Exec;
  as(account: Account): Exec;
}

export function machineOf(config: SlurmConfig, stateFolder: string, runFolder: string | null): Machine {
  return config.ssh === undefined
    ? ourMachine()
    : overSsh(config, config.ssh, controlFolder(stateFolder, runFolder));
}

function ourMachine(): Machine {
  const exec = execHere();
  const ownUid = process.getuid?.() ?? 0;
  return { exec, as: (account) => (account.uid === ownUid ? exec : execAs(account, exec, ownUid === 0)) };
}

function overSsh(config: SlurmConfig, ssh: NonNullable<SlurmConfig["ssh"]>, controlFolder: string): Machine {
  const own = execHere();
  const there = { ...ssh, controlFolder };
  const login = ssh.user ?? ssh.operator ?? config.account ?? "";
  const exec = execOverSsh(there, login, own);
  const become = (account: Account): Exec => {
    if (account.name === login) return exec;
    if (ssh.user === undefined) return execOverSsh(there, account.name, own);
    return ({ words, ...rest }, signal) =>
      exec({ words: [...sudoWords(account.name), ...words], ...rest }, signal);
  };
  return { exec, as: become };
}

/** Sockets' paths have room for 107 bytes, of which ssh takes about 60 for itself. */
function controlFolder(stateFolder: string, runFolder: string | null): string {
  const digest = createHash("sha256").update(stateFolder).digest("hex").slice(0, 8);
  const folder = runFolder === null ? shortFolder(digest) : join(runFolder, "ssh");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

function shortFolder(digest: string): string {
  const uid = process.getuid?.() ?? 0;
  if (uid === 0) return `/run/endstation-ssh-${digest}`;
  return `${process.env["XDG_RUNTIME_DIR"] ?? `/tmp`}/endstation-ssh-${uid}-${digest}`;
}
