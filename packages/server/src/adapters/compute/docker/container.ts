import type { LaunchSpec, Mount } from "@endstation/core";
import { home, runtime, variablesInside } from "../../../transports/inside.ts";
import { type AccountInside, accountInside, type Remap } from "./accounts.ts";
import type { DockerConfig } from "./config.ts";
import { label } from "./names.ts";

/** What must be known of a session to make its container, as long as it may have to be made. */
export type Order = Omit<LaunchSpec, "document"> & {
  /** The image it is made of, as `name@digest`. */
  readonly image: string;
  /** Where the session finds the folder of the portals' sockets. */
  readonly tunnelInside: string;
};

export interface ContainerContext {
  readonly config: DockerConfig;
  readonly provider: string;
  readonly owner: string;
  readonly remap: Remap | null;
  /** The environment's folder inside. */
  readonly environment: string;
  /** What the image looks for programs in. */
  readonly imagePath: string;
  /** All as the engine sees them. */
  readonly folders: {
    readonly session: string;
    readonly etc: string;
    readonly tunnel: string;
    readonly launcher: string;
  };
  readonly mounts: readonly Mount[];
}

const MiB = 1024 * 1024;
const launcher = "/opt/endstation/session";
/** Where a session finds what is laid down for it. */
export const sessionInside = "/run/session";

/** The body of `POST /containers/create`. */
export function containerOf(order: Order, context: ContainerContext) {
  const { config, environment } = context;
  const account = accountInside(order.posix, context.remap);
  return {
    Image: order.image,
    Hostname: "session",
    User: `${account.uid}:${account.gid}`,
    WorkingDir: home,
    Env: environmentOf(order, context),
    Entrypoint: [
      ...[
        `${environment}/bin/python`,
        "-I",
        launcher,
        "--folder",
        sessionInside,
        "--tunnel",
        `${sessionInside}/tunnel.json`,
      ],
      ...["--grace-seconds", String(Math.max(1, config.graceSeconds - 1))],
    ],
    Cmd: [],
    Labels: {
      [label.session]: order.sessionId,
      [label.attempt]: String(order.attempt),
      [label.provider]: context.provider,
      [label.owner]: context.owner,
    },
    StopSignal: "SIGTERM",
    StopTimeout: config.graceSeconds,
    HostConfig: {
      ...confinement(config, account),
      ...limits(order, account),
      ...devices(order),
      Mounts: mounts(order, context).map(mount),
      RestartPolicy: { Name: "no" },
      LogConfig: logging(config),
    },
  };
}

function confinement({ network }: DockerConfig, account: AccountInside) {
  return {
    Init: true,
    ReadonlyRootfs: true,
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges:true"],
    NetworkMode: network ?? "none",
    IpcMode: "private",
    CgroupnsMode: "private",
    UsernsMode: account.unmapped ? "host" : "",
    GroupAdd: account.groups.map(String),
  };
}

/** Files in memory count as the session's memory; alone they may not fill it. */
function limits({ flavour }: Order, { uid, gid }: AccountInside) {
  const memory = flavour.memoryMiB * MiB;
  const half = Math.floor(memory / 2);
  const scratch = `rw,exec,nosuid,nodev,mode=1777,size=${half}`;
  return {
    Memory: memory,
    MemorySwap: memory,
    NanoCpus: Math.round(flavour.cpus * 1e9),
    PidsLimit: flavour.processes,
    ShmSize: half,
    Tmpfs: {
      "/tmp": scratch,
      "/var/tmp": scratch,
      [runtime]: `rw,nosuid,nodev,mode=0700,uid=${uid},gid=${gid},size=${half}`,
    },
  };
}

function devices({ flavour }: Order) {
  const { gpus } = flavour;
  return gpus === 0 ? {} : { DeviceRequests: [{ Driver: "", Count: gpus, Capabilities: [["gpu"]] }] };
}

function logging({ logMiB }: DockerConfig) {
  return { Type: "json-file", Config: { "max-size": `${Math.ceil((logMiB * 1024) / 2)}k`, "max-file": "2" } };
}

function mounts(
  { source, image, tunnelInside }: Order,
  { folders, environment, mounts }: ContainerContext,
): Mount[] {
  const readOnly = (source: string, target: string): Mount => ({ source, target, readOnly: true });
  return [
    readOnly(folders.session, sessionInside),
    readOnly(folders.tunnel, tunnelInside),
    readOnly(folders.launcher, launcher),
    readOnly(`${folders.etc}/passwd`, "/etc/passwd"),
    readOnly(`${folders.etc}/group`, "/etc/group"),
    ...(source.image === image ? [] : [readOnly(environment, environment)]),
    ...mounts,
  ];
}

/** The engine makes no mount below a read-only one read-only: what is mounted there is left out altogether. */
function mount({ source, target, readOnly }: Mount) {
  const BindOptions = { Propagation: "rprivate", NonRecursive: readOnly };
  return { Type: "bind", Source: source, Target: target, ReadOnly: readOnly, BindOptions };
}

function environmentOf(order: Order, { environment, imagePath }: ContainerContext): string[] {
  const variables = {
    ...variablesInside(order),
    PATH: `${environment}/bin:${imagePath}`,
    VIRTUAL_ENV: environment,
  };
  return Object.entries(variables).map(([name, value]) => `${name}=${value}`);
}
