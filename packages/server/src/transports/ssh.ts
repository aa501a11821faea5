import { join } from "node:path";
import { Unavailable } from "@endstation/core";
import type { Exec } from "./exec.ts";

/** A machine that is reached by OpenSSH's own client. Nothing of anybody's ssh configuration counts. */
export interface SshHost {
  readonly host: string;
  readonly port: number;
  /** The private key; nobody else may read the file. */
  readonly identityFile: string;
  /** With the machine's host key: one that is not in there is refused. */
  readonly knownHostsFile: string;
  /** For the sockets over which commands share a connection; short, and for us alone. */
  readonly controlFolder: string;
}

/** ssh's own status where there is no connection, or it broke. */
const noConnection = 255;

/** Runs commands there as `user`, all over one connection that stays open for a minute. `exec` runs ssh itself. */
export function execOverSsh(there: SshHost, user: string, exec: Exec): Exec {
  const words = ["ssh", ...sshOptions(there), "-p", String(there.port), "-l", user, "--", there.host];
  return async (command, signal) => {
    const ran = await exec({ ...command, words: [...words, quote(command.words)] }, signal);
    if (ran.status === noConnection) throw new Unavailable(`ssh to ${there.host} as ${user}: ${ran.error}`);
    return ran;
  };
}

function sshOptions({ identityFile, knownHostsFile, controlFolder }: SshHost): string[] {
  const settings = {
    BatchMode: "yes",
    IdentitiesOnly: "yes",
    IdentityFile: quoteSetting(identityFile),
    StrictHostKeyChecking: "yes",
    UserKnownHostsFile: quoteSetting(knownHostsFile),
    GlobalKnownHostsFile: "/dev/null",
    ConnectTimeout: "10",
    ServerAliveInterval: "10",
    ServerAliveCountMax: "3",
    ControlMaster: "auto",
    ControlPersist: "60",
    ControlPath: quoteSetting(join(controlFolder, "%C")),
    ForwardAgent: "no",
    LogLevel: "ERROR",
  };
  return [
    "-F",
    "none",
    "-T",
    ...Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
  ];
}

/** ssh splits the values of its settings at spaces. */
function quoteSetting(path: string): string {
  return `"${path}"`;
}

/**
 * Words as one line that every POSIX shell reads back as exactly these words. ssh hands a line, not words, to the account's
 * shell on the other side, and a job's script is one.
 */
export function quote(words: readonly string[]): string {
  return words.map(quoteWord).join(" ");
}

function quoteWord(word: string): string {
  if (word.includes("\0")) throw new TypeError("a word cannot hold the character 0");
  return /^[A-Za-z0-9_\-+:,./@%]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
