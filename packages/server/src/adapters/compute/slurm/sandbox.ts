import type { LaunchSpec, Mount } from "@endstation/core";
import { accountsInside, home, runtime, variablesInside } from "../../../transports/inside.ts";

/** What a session is closed in, and where its software comes from; all paths as the node sees them. */
export interface Inside {
  readonly spec: LaunchSpec;
  /** The session's folder. */
  readonly folder: string;
  readonly mounts: readonly Mount[];
  /** Folder of the environment, or image; null: a module has been loaded. */
  readonly software: string | null;
  readonly program: string;
  readonly readable: readonly string[];
  readonly network: "none" | "open";
}

const portalSocket = "/run/session/portal.sock";

/** Of the folder, what the session itself may read: not the ticket with which the launcher outside reaches the portal. */
export const filesInside = ["spec.json", "datasets.json", "launcher.pyz"] as const;

/** Parts of a node's configuration that programs need and that hold no secret. */
const systemFiles = [
  "/etc/ld.so.cache",
  "/etc/fonts",
  "/etc/alternatives",
  "/etc/localtime",
  "/etc/mime.types",
  "/etc/bash.bashrc",
];
const systemFolders = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/**
 * Words to put before the session's own: bubblewrap 0.8 or newer, without any privilege. Nothing of the node but its
 * programs, nothing of others, no right. `{private}` is the launcher's own folder of sockets.
 */
export function bubblewrapWords({
  spec,
  folder,
  mounts,
  software,
  program,
  readable,
  network,
}: Inside): string[] {
  const gpus = spec.flavour.gpus > 0;
  return [
    program,
    ...[
      "--unshare-user",
      "--disable-userns",
      "--unshare-pid",
      "--unshare-ipc",
      "--unshare-uts",
      "--unshare-cgroup-try",
    ],
    ...(network === "none" ? ["--unshare-net"] : []),
    ...["--hostname", "session", "--new-session", "--die-with-parent", "--cap-drop", "ALL"],
    ...systemFolders.flatMap((path) => ["--ro-bind-try", path, path]),
    ...["--perms", "0755", "--dir", "/etc"],
    ...systemFiles.flatMap((path) => ["--ro-bind-try", path, path]),
    ...(network === "open" ? openNetworkFiles : closedNetworkFiles(folder)).flatMap(readOnly),
    ...["passwd", "group", "nsswitch.conf"]
      .map((name) => [`${folder}/${name}`, `/etc/${name}`] as const)
      .flatMap(readOnly),
    ...[
      "--proc",
      "/proc",
      ...(gpus ? ["--dev-bind", "/dev", "/dev", "--ro-bind-try", "/sys", "/sys"] : ["--dev", "/dev"]),
    ],
    ...ownMemory(spec),
    ...[
      "--perms",
      "0755",
      "--tmpfs",
      "/run",
      "--perms",
      "0755",
      "--dir",
      "/data",
      "--perms",
      "0755",
      "--dir",
      "/home",
    ],
    ...mounts.flatMap(({ source, target, readOnly }) => [readOnly ? "--ro-bind" : "--bind", source, target]),
    ...[...(software === null ? [] : [software]), ...readable]
      .map((path) => [path, path] as const)
      .flatMap(readOnly),
    ...filesInside.map((name) => [`${folder}/${name}`, `${folder}/${name}`] as const).flatMap(readOnly),
    ...["spec.json", "datasets.json"]
      .map((name) => [`${folder}/${name}`, `/run/session/${name}`] as const)
      .flatMap(readOnly),
    ...["--ro-bind", "{private}/portal.sock", portalSocket],
    ...Object.entries(environmentOf(spec)).flatMap(([name, value]) => ["--setenv", name, value]),
    ...[
      "--remount-ro",
      "/run",
      ...(gpus ? [] : ["--remount-ro", "/dev"]),
      "--remount-ro",
      "/",
      "--chdir",
      home,
      "--",
    ],
  ];
}

const openNetworkFiles = [
  "/etc/resolv.conf",
  "/etc/hosts",
  "/etc/ssl/certs",
  "/etc/pki/tls/certs",
  "/etc/ca-certificates",
].map((path) => [path, path] as const);

function closedNetworkFiles(folder: string): (readonly [string, string])[] {
  return [[`${folder}/hosts`, "/etc/hosts"]];
}

function readOnly([source, target]: readonly [string, string]): string[] {
  return ["--ro-bind-try", source, target];
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

/** For an environment that is an image: Apptainer's own words, with the image's Python in the place of the node's. */
export function apptainerWords({ spec, folder, mounts, software, program, readable }: Inside): string[] {
  const outside = mounts.find(({ target }) => target === home)?.source ?? folder;
  const binds: readonly Mount[] = [
    ...mounts.filter(({ target }) => target !== home),
    ...readable.map((path) => ({ source: path, target: path, readOnly: true })),
    ...filesInside.map((name) => ({
      source: `${folder}/${name}`,
      target: `${folder}/${name}`,
      readOnly: true,
    })),
    ...["spec.json", "datasets.json"].map((name) => ({
      source: `${folder}/${name}`,
      target: `/run/session/${name}`,
      readOnly: true,
    })),
    { source: "{private}/portal.sock", target: portalSocket, readOnly: true },
  ];
  const { HOME: _, ...environment } = environmentOf(spec);
  return [
    ...[program, "exec", "--containall", "--no-privs", "--pwd", home, "--home", `${outside}:${home}`],
    ...(spec.flavour.gpus > 0 ? ["--nv"] : []),
    ...binds.flatMap((mount) => ["--mount", mountText(mount)]),
    ...Object.entries({ ...environment, TMPDIR: "/tmp" }).flatMap(([name, value]) => [
      "--env",
      `${name}=${value}`,
    ]),
    software ?? "",
    ...["sh", "-c", `mkdir -p -m 700 ${runtime}; shift; exec python3 "$@"`, "sh"],
  ];
}

/** Fields of comma-separated values, as Apptainer reads them. */
function mountText({ source, target, readOnly }: Mount): string {
  const field = (text: string) => (/[",\s]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [
    "type=bind",
    field(`source=${source}`),
    field(`destination=${target}`),
    ...(readOnly ? ["ro"] : []),
  ].join(",");
}

/** For the launcher inside. */
export function searchPathOf(software: string | null): string | null {
  return software === null ? null : `${software}/bin:/usr/local/bin:/usr/bin:/bin`;
}

function environmentOf(spec: LaunchSpec): Record<string, string> {
  return { ...variablesInside(spec), TMPDIR: "/tmp", ENDSTATION_PORTAL_SOCKET: portalSocket };
}

/** Files that stand for the node's accounts inside: it sees its own alone. */
export function accountFiles(
  account: { readonly uid: number; readonly gid: number },
  fullName: string,
  network: Inside["network"],
): Readonly<Record<string, string>> {
  return {
    ...accountsInside({ ...account, groups: [] }, fullName),
    "nsswitch.conf": `passwd: files\ngroup: files\nhosts: files${network === "open" ? " dns" : ""}\n`,
    hosts: "127.0.0.1 localhost session session.localhost\n::1 localhost\n",
  };
}
