import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { Installation, Program } from "./installation.ts";
import { limits } from "./limits.ts";

/** How a reader process is kept to one dataset's folder. */
export type Isolation = "bubblewrap" | "permission-model";

/** A uid and gid that nothing else on the machine has. */
export interface ReaderAccount {
  readonly uid: number;
  readonly gid: number;
}

/** A command that starts a reader process, and the names by which it knows the folder and the plugins. */
export interface ReaderCommand {
  readonly isolation: Isolation;
  readonly command: string;
  readonly args: readonly string[];
  readonly account: ReaderAccount | null;
  readonly root: string;
  readonly plugins: string;
}

export interface ConfinementOptions {
  readonly node: string;
  readonly installation: Installation;
  /** Null when the portal is not root: then readers run as the portal's own account. */
  readonly account: ReaderAccount | null;
}

/** How a program is confined to a folder. */
export type Confine = (folder: string, program: Program) => ReaderCommand;

/** What can be tried on this machine, the strictest first. */
export function confinements(options: ConfinementOptions): readonly Confine[] {
  const bwrap = find("bwrap");
  const setpriv = find("setpriv");
  const { account } = options;
  const found: Confine[] = [];
  if (bwrap !== null && account !== null && setpriv !== null)
    found.push((...what) => sandboxed(options, bwrap, [setpriv, ...dropTo(account)], ...what));
  if (bwrap !== null) found.push((...what) => ({ ...sandboxed(options, bwrap, [], ...what), account }));
  return [...found, (...what) => permitted(options, ...what)];
}

/** Own process, network, IPC and mount namespaces; of the machine's files only the system's libraries and the dataset. */
function sandboxed(
  { node, installation }: ConfinementOptions,
  bwrap: string,
  drop: readonly string[],
  folder: string,
  program: Program,
): ReaderCommand {
  const system = ["/usr", "/lib", "/lib64", "/bin", "/nix/store"];
  const args = [
    ...["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...["--die-with-parent", "--new-session", "--clearenv"],
    ...system.flatMap((path) => ["--ro-bind-try", path, path]),
    ...["--perms", "0755", "--dir", "/reader", "--perms", "0755", "--dir", "/data"],
    ...["--ro-bind", node, "/reader/node", "--ro-bind", installation.folder, "/reader/program"],
    ...["--ro-bind", folder, "/data", "--chdir", "/data"],
    ...(drop.length > 0 ? ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] : ["--unshare-user"]),
    ...environment.flatMap(([name, value]) => ["--setenv", name, value]),
    ...["--", ...drop, "/bin/sh", "-c", limitedTo(program), "reader", "/reader/node"],
    ...[...flagsOf(program), join("/reader/program", installation.programs[program])],
  ];
  return {
    isolation: "bubblewrap",
    command: bwrap,
    args,
    account: null,
    root: "/data",
    plugins: "/reader/program/plugins",
  };
}

/** Without bubblewrap: Node's permission model, which holds against the library but not against symbolic links by itself. */
function permitted(
  { node, installation, account }: ConfinementOptions,
  folder: string,
  program: Program,
): ReaderCommand {
  const reads = [installation.folder, folder].map((path) => `--allow-fs-read=${path}/*`);
  const main = join(installation.folder, installation.programs[program]);
  const args = [
    "-c",
    limitedTo(program),
    "reader",
    node,
    ...flagsOf(program),
    "--permission",
    ...reads,
    main,
  ];
  return {
    isolation: "permission-model",
    command: "/bin/sh",
    args,
    account,
    root: folder,
    plugins: installation.plugins,
  };
}

export const environment: readonly (readonly [string, string])[] = [
  ["HDF5_USE_FILE_LOCKING", "FALSE"],
  ["TZ", "UTC"],
];

function flagsOf(program: Program): readonly string[] {
  const heap = `--max-old-space-size=${limits.heapMiB[program]}`;
  return [heap, "--disable-warning=ExperimentalWarning", "--disable-proto=delete", "--no-addons"];
}

/** Limits that the kernel keeps: private memory, CPU time, no file written, few descriptors, no core dump. */
function limitedTo(program: Program): string {
  const cpu = limits.cpuSeconds[program];
  return `ulimit -d ${limits.memoryKiB} && ulimit -t ${cpu} && ulimit -f 0 && ulimit -n 128 && ulimit -c 0 && exec "$@"`;
}

function dropTo({ uid, gid }: ReaderAccount): readonly string[] {
  return [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--no-new-privs", "--"];
}

function find(program: string): string | null {
  for (const folder of [
    "/usr/bin",
    "/usr/local/bin",
    "/bin",
    ...(process.env["PATH"] ?? "").split(delimiter),
  ]) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // The next folder.
    }
  }
  return null;
}
