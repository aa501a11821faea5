import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { Installation } from "./installation.ts";
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

type Confinement = (folder: string) => ReaderCommand;

/** What can be tried on this machine, the strictest first. */
export function confinements(options: ConfinementOptions): readonly Confinement[] {
  const bwrap = find("bwrap");
  const setpriv = find("setpriv");
  const { account } = options;
  const found: Confinement[] = [];
  if (bwrap !== null && account !== null && setpriv !== null)
    found.push((folder) => sandboxed(options, bwrap, folder, [setpriv, ...dropTo(account)]));
  if (bwrap !== null) found.push((folder) => ({ ...sandboxed(options, bwrap, folder, []), account }));
  return [...found, (folder) => permitted(options, folder)];
}

/** Own process, network, IPC and mount namespaces; of the machine's files only the system's libraries and the dataset. */
function sandboxed(
  { node, installation }: ConfinementOptions,
  bwrap: string,
  folder: string,
  drop: readonly string[],
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
    ...["--", ...drop, "/bin/sh", "-c", limited, "reader", "/reader/node", ...nodeFlags],
    "/reader/program/worker/main.js",
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
function permitted({ node, installation, account }: ConfinementOptions, folder: string): ReaderCommand {
  const reads = [installation.folder, folder].map((path) => `--allow-fs-read=${path}/*`);
  const args = ["-c", limited, "reader", node, ...nodeFlags, "--permission", ...reads, installation.main];
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

const nodeFlags = [
  `--max-old-space-size=${limits.heapMiB}`,
  "--disable-warning=ExperimentalWarning",
  "--disable-proto=delete",
  "--no-addons",
];

/** Limits that the kernel keeps: private memory, CPU time, no file written, few descriptors, no core dump. */
const limited = `ulimit -d ${limits.memoryKiB} && ulimit -t ${limits.cpuSeconds} && ulimit -f 0 && ulimit -n 128 && ulimit -c 0 && exec "$@"`;

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
