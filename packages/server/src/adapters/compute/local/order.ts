import type { EndpointKind, LaunchSpec, PosixAccount } from "@endstation/core";
import { type Cgroup, type CgroupSite, cgroupsOf } from "./cgroups.ts";
import { type Inside, insideIsolation, outsideIsolation } from "./inside.ts";
import type { SystemPart } from "./machine.ts";
import { seccompFilter } from "./seccomp.ts";

/** Everything the supervisor is told, as `order.json`; what it knows of a session it knows from here. */
export interface Order {
  readonly sessionId: string;
  readonly attempt: number;
  readonly kind: LaunchSpec["kind"];
  readonly endpoints: LaunchSpec["endpoints"];
  /** Since when it waits for its turn; null: it is begun at once. */
  readonly queuedAt: number | null;
  readonly memoryMiB: number;
  readonly cpus: number;
  /** Folder of its files where there is no sandbox to lay them into; removed with the session. */
  readonly scratch: string | null;
  /** Account to run as; null: ours. */
  readonly posix: PosixAccount | null;
  /** Path of bubblewrap; null: no isolation. */
  readonly bwrap: string | null;
  /** Bubblewrap's arguments, up to the files that are laid down. */
  readonly sandbox: readonly string[];
  /** Its last arguments. */
  readonly seal: readonly string[];
  /** Filter of system calls, base64; null: none. */
  readonly seccomp: string | null;
  /** Small read-only files inside, by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  /** Program and arguments; `{listening}` stands for the descriptor of the socket. */
  readonly command: readonly string[];
  /** The launcher's arguments alone, for a prepared process. */
  readonly arguments: readonly string[];
  /** Socket of a process that has loaded this environment already; null: start anew. */
  readonly prepared: string | null;
  /** Null: nobody dials it. */
  readonly socket: string | null;
  readonly cgroups: readonly Cgroup[];
  readonly changes: string;
  readonly logBytes: number;
  readonly graceSeconds: number;
}

export interface OrderContext {
  readonly handle: string;
  readonly bwrap: string | null;
  readonly system: readonly SystemPart[];
  readonly cgroups: CgroupSite;
  /** Whether we may become another account. */
  readonly root: boolean;
  readonly launcher: Readonly<Record<string, string>>;
  readonly launcherFolder: string;
  /** A process that has loaded a notebook's server already. */
  prepared(): string | null;
  socketOf(endpoint: EndpointKind): string;
  readonly changes: string;
  readonly logBytes: number;
  readonly graceSeconds: number;
  readonly scratch: string;
  /** The folder with the portals' sockets, and what opens them from inside. */
  readonly portal: { readonly folder: string; readonly ticket: string };
  readonly now: number;
}

/** Turns what is to be launched into what the supervisor does, with no look at the machine. */
export function orderOf(spec: LaunchSpec, environment: string, context: OrderContext): Order {
  const inside: Inside =
    context.bwrap === null
      ? outsideIsolation(spec, environment, context)
      : insideIsolation(spec, environment, context);
  const { handle, bwrap, cgroups, changes, logBytes, graceSeconds } = context;
  const [endpoint] = spec.endpoints;
  const launcherArguments = [...inside.arguments, ...limitArguments(cgroups, spec)];
  return {
    sessionId: spec.sessionId,
    attempt: spec.attempt,
    kind: spec.kind,
    endpoints: spec.endpoints,
    queuedAt: spec.kind === "batch" ? context.now : null,
    memoryMiB: spec.flavour.memoryMiB,
    cpus: spec.flavour.cpus,
    scratch: bwrap === null ? context.scratch : null,
    posix: context.root ? spec.posix : null,
    bwrap,
    sandbox: inside.sandbox,
    seal: inside.seal,
    seccomp: bwrap === null ? null : (seccompFilter()?.toString("base64") ?? null),
    files: inside.files,
    environment: inside.environment,
    command: [`${environment}/bin/python`, "-I", inside.launcher, ...launcherArguments],
    arguments: launcherArguments,
    prepared: bwrap !== null && spec.kind === "jupyter" ? context.prepared() : null,
    socket: endpoint === undefined ? null : context.socketOf(endpoint),
    cgroups: cgroupsOf(cgroups, handle, spec.flavour),
    changes,
    logBytes,
    graceSeconds,
  };
}

/** Where there are no control groups, each process is held by itself. */
function limitArguments(cgroups: CgroupSite, { flavour }: LaunchSpec): string[] {
  return cgroups.kind === "rlimit"
    ? ["--memory-mib", String(flavour.memoryMiB), "--processes", String(flavour.processes)]
    : [];
}
