import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type SystemPart, systemArguments } from "./machine.ts";

/** What the prepared processes are made with. */
export interface PreparedSite {
  /** Short; for their sockets. */
  readonly runFolder: string;
  readonly logFile: string;
  readonly launcherFolder: string;
  readonly hostFolder: string;
  readonly bwrap: string;
  readonly system: readonly SystemPart[];
  readonly root: boolean;
  readonly most: number;
}

interface Prepared {
  readonly child: ChildProcess;
  readonly socket: string;
  readonly ready: Promise<boolean>;
  isReady: boolean;
}

/** Keeps, for the environments asked for last, a process that has loaded everything and waits. */
export class PreparedProcesses {
  readonly #site: PreparedSite;
  readonly #byEnvironment = new Map<string, Prepared>();

  constructor(site: PreparedSite) {
    this.#site = site;
    if (site.most > 0) mkdirSync(join(site.runFolder, "prepared"), { recursive: true, mode: 0o700 });
  }

  /** Socket of the one for this environment if it is ready; else one is made for the next time. */
  socketFor(environment: string): string | null {
    void this.prepare(environment);
    const found = this.#byEnvironment.get(environment);
    return found?.isReady === true ? found.socket : null;
  }

  /** Resolves when it is ready (true) or cannot be had (false: sessions start anew, only slower). */
  prepare(environment: string): Promise<boolean> {
    if (this.#site.most === 0) return Promise.resolve(false);
    const found = this.#byEnvironment.get(environment) ?? this.#start(environment);
    this.#byEnvironment.delete(environment);
    this.#byEnvironment.set(environment, found);
    this.#leaveOut();
    return found.ready;
  }

  close(): void {
    for (const environment of [...this.#byEnvironment.keys()]) this.#end(environment);
  }

  #start(environment: string): Prepared {
    const digest = createHash("sha256").update(environment).digest("hex").slice(0, 8);
    const socket = join(this.#site.runFolder, "prepared", `${digest}.${process.pid}`);
    rmSync(socket, { force: true });
    const child = this.#spawn(environment, socket);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const prepared: Prepared = { child, socket, ready: promise, isReady: false };
    child.stdout?.once("data", () => {
      prepared.isReady = true;
      resolve(true);
      letGo(child);
    });
    const over = (): void => {
      prepared.isReady = false;
      resolve(false);
      rmSync(socket, { force: true });
      if (this.#byEnvironment.get(environment) === prepared) this.#byEnvironment.delete(environment);
    };
    child.once("error", over).once("exit", over);
    return prepared;
  }

  #spawn(environment: string, socket: string): ChildProcess {
    const { hostFolder, launcherFolder, logFile } = this.#site;
    const log = openSync(logFile, "w", 0o600);
    const sandbox = this.#site.root ? ["--bwrap", this.#site.bwrap, ...this.#sandbox(environment)] : [];
    try {
      const child = spawn(
        join(environment, "bin/python"),
        [
          ...["-I", join(hostFolder, "prepared.py"), "--launcher", launcherFolder, "--socket", socket],
          ...sandbox,
        ],
        {
          cwd: "/",
          // A group of its own: Ctrl-C reaches the portal alone. It ends when its input does.
          detached: true,
          stdio: ["pipe", "pipe", log],
          env: { LANG: "C.UTF-8", HOME: "/tmp", PATH: join(environment, "bin"), OPENBLAS_NUM_THREADS: "1" },
        },
      );
      child.stdin?.on("error", () => {});
      return child;
    } finally {
      closeSync(log);
    }
  }

  /** It runs the environment's code with the right to become others, so it sees and reaches nothing else. */
  #sandbox(environment: string): string[] {
    const { system, launcherFolder, hostFolder } = this.#site;
    return [
      ...["--unshare-net", "--unshare-ipc", "--unshare-uts", "--die-with-parent"],
      ...["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"],
      ...systemArguments(system),
      ...["--dir", "/etc", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"],
      ...["--ro-bind-try", "/etc/alternatives", "/etc/alternatives", "--dev", "/dev", "--tmpfs", "/tmp"],
      ...[environment, launcherFolder, hostFolder].flatMap((path) => ["--ro-bind", path, path]),
      ...["--remount-ro", "/", "--chdir", "/"],
    ];
  }

  #leaveOut(): void {
    for (const environment of this.#byEnvironment.keys()) {
      if (this.#byEnvironment.size <= this.#site.most) return;
      this.#end(environment);
    }
  }

  #end(environment: string): void {
    const prepared = this.#byEnvironment.get(environment);
    this.#byEnvironment.delete(environment);
    prepared?.child.stdin?.end();
  }
}

/** A waiting one must not keep the portal's process from ending. */
function letGo(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdin, child.stdout])
    (stream as unknown as { unref?: () => void } | null)?.unref?.();
}
