import type { LaunchSpec, Mount, SessionDocument } from "@endstation/core";
import { accountsInside, home, runtime, variablesInside } from "../../../transports/inside.ts";
import { systemArguments } from "./machine.ts";
import type { OrderContext } from "./order.ts";

/** How a session looks from inside, and what makes it so. */
export interface Inside {
  readonly sandbox: readonly string[];
  /** Bubblewrap's last arguments, after the files. */
  readonly seal: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  /** Path of the launcher as the session sees it. */
  readonly launcher: string;
  readonly arguments: readonly string[];
}

const launcher = "/opt/endstation/session";

/** Parts of the system's configuration that programs need and that hold no secret. */
const systemFiles = [
  "/etc/ld.so.cache",
  "/etc/fonts",
  "/etc/alternatives",
  "/etc/localtime",
  "/etc/mime.types",
  "/etc/bash.bashrc",
];

/** Below the launcher: what a terminal hands to browsers, which is much larger than the launcher itself. */
const page = "endstation_session/terminal/page";

/** A sandbox: nothing of the machine but its programs, nothing of others, no network, no rights. */
export function insideIsolation(spec: LaunchSpec, environment: string, context: OrderContext): Inside {
  const { uid, gid } = spec.posix;
  return {
    sandbox: [
      ...["--unshare-user", "--uid", String(uid), "--gid", String(gid), "--disable-userns"],
      ...["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net", "--unshare-cgroup-try"],
      ...["--hostname", "session", "--new-session", "--die-with-parent", "--cap-drop", "ALL"],
      ...systemArguments(context.system),
      ...["--perms", "0755", "--dir", "/etc"],
      ...systemFiles.flatMap((path) => ["--ro-bind-try", path, path]),
      ...["--proc", "/proc", "--dev", "/dev"],
      ...ownMemory(spec),
      ...["--perms", "0755", "--tmpfs", "/run", "--perms", "0755", "--dir", "/data", "--dir", "/home"],
      ...spec.mounts.flatMap(mount),
      ...["--ro-bind", environment, environment],
      ...["--ro-bind", context.portal.folder, "/run/session/portal"],
      ...(spec.kind === "terminal"
        ? ["--ro-bind", `${context.launcherFolder}/${page}`, `${launcher}/${page}`]
        : []),
      ...["--chdir", home],
    ],
    seal: ["--remount-ro", "/run", "--remount-ro", "/dev", "--remount-ro", "/"],
    files: {
      ...accountFiles(spec),
      ...documents(spec.document),
      "/run/session/tunnel.json": context.portal.ticket,
      ...launcherFiles(context),
    },
    environment: { ...environmentOf(spec, environment), PYTHONPATH: launcher },
    launcher,
    arguments: [...listening(spec), "--path", searchPath(environment)],
  };
}

/** Without a sandbox paths are the machine's own. For development alone. */
export function outsideIsolation(spec: LaunchSpec, environment: string, context: OrderContext): Inside {
  const real = (target: string): string => spec.mounts.find((one) => one.target === target)?.source ?? target;
  const document: SessionDocument = {
    ...spec.document,
    datasets: spec.document.datasets.map((one) => ({ ...one, path: real(one.path) })),
  };
  const folder = context.scratch;
  const files = Object.entries(documents(document)).map(([path, text]) => [
    path.replace("/run/session", folder),
    text,
  ]);
  return {
    sandbox: [],
    seal: [],
    files: Object.fromEntries(files),
    environment: environmentOf(spec, environment, { home: real(home), runtime: `${folder}/runtime` }),
    launcher: context.launcherFolder,
    arguments: [
      ...[...listening(spec), "--path", searchPath(environment), "--folder", folder],
      ...["--data", document.datasets[0]?.path ?? "/nonexistent", "--results", real("/results")],
    ],
  };
}

function listening({ endpoints }: LaunchSpec): string[] {
  return endpoints.length === 0 ? [] : ["--listen-fd", "{listening}"];
}

function mount({ source, target, readOnly }: Mount): string[] {
  return [readOnly ? "--ro-bind" : "--bind", source, target];
}

/** Files in memory count as the session's memory; alone they may not fill it. */
function ownMemory({ flavour }: LaunchSpec): string[] {
  const half = String(Math.floor((flavour.memoryMiB * 1024 * 1024) / 2));
  return [
    ...["--perms", "1777", "--size", half, "--tmpfs", "/dev/shm"],
    ...["--perms", "1777", "--size", half, "--tmpfs", "/tmp", "--perms", "0700", "--dir", runtime],
    ...["--perms", "0755", "--dir", "/var", "--perms", "1777", "--size", half, "--tmpfs", "/var/tmp"],
  ];
}

function accountFiles({ posix, document }: LaunchSpec): Record<string, string> {
  const { passwd, group } = accountsInside(posix, document.owner.name);
  return {
    "/etc/passwd": passwd,
    "/etc/group": group,
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "/etc/hosts": "127.0.0.1 localhost session session.localhost\n::1 localhost\n",
  };
}

function documents(document: SessionDocument): Record<string, string> {
  return {
    "/run/session/spec.json": `${JSON.stringify(document, null, 2)}\n`,
    "/run/session/datasets.json": `${JSON.stringify(document.datasets, null, 2)}\n`,
  };
}

function launcherFiles(context: OrderContext): Record<string, string> {
  return Object.fromEntries(
    Object.entries(context.launcher).map(([path, text]) => [`${launcher}/${path}`, text]),
  );
}

function searchPath(environment: string): string {
  return `${environment}/bin:/usr/local/bin:/usr/bin:/bin`;
}

function environmentOf(
  spec: LaunchSpec,
  environment: string,
  places?: { readonly home: string; readonly runtime: string },
): Record<string, string> {
  return { ...variablesInside(spec, places), PATH: searchPath(environment), VIRTUAL_ENV: environment };
}
