import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Unavailable } from "@endstation/core";
import { until } from "../../../gateway/testing/browser.ts";
import { type Attempt, createTunnels, type TunnelOptions, type Tunnels } from "../index.ts";
import { memoryKeys } from "./memory-keys.ts";

export const ways = ["folder", "network"] as const;
export type Way = (typeof ways)[number];

const checkout = join(import.meta.dirname, "../../../../../..");
export const launcher: string = join(checkout, "extensions/session");
const child = join(import.meta.dirname, "child.py");
const calm = new AbortController().signal;

/** A launcher that was started for one attempt. */
export interface Launched {
  readonly process: ChildProcess;
  /** What it wrote to standard error. */
  said(): string;
  /** Exit status, or the signal that ended it. */
  ended(): Promise<number | string | null>;
}

/** A portal's tunnels and sessions' folders, below one folder of this test's own. */
export interface Place {
  readonly folder: string;
  readonly options: TunnelOptions;
  readonly tunnels: Tunnels;
  attempt(): Attempt;
  /** Another portal with the same secret, keys and folder; closed at the end like the first. */
  open(changes?: Partial<TunnelOptions>): Promise<Tunnels>;
  /** Lays down what a session has in its folder, and answers the folder. */
  layDown(of: Attempt, way: Way, changes?: { kind?: string; ticket?: object }): Promise<string>;
  /** Starts the launcher there, by default with the test's child in place of the session's server. */
  start(folder: string, words?: readonly string[], by?: Partial<Runner>): Launched;
}

interface Runner {
  readonly python: string;
  /** The launcher: a folder or a zip. */
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
  /** Also the group; left out: who runs the test. */
  readonly uid?: number;
}

export async function withPlace(
  test: (place: Place) => Promise<void>,
  changes: Partial<TunnelOptions> = {},
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "est-tun-"));
  chmodSync(folder, 0o755);
  const sockets = join(folder, "sockets");
  const options: TunnelOptions = {
    secret: randomBytes(32),
    keys: memoryKeys(),
    folder: sockets,
    folderInside: sockets,
    network: {
      host: "127.0.0.1",
      port: 0,
      address: "127.0.0.1",
      certificateFolder: join(folder, "certificate"),
    },
    log: { warn: () => {} },
    ...changes,
  };
  const portals: Tunnels[] = [];
  const launched: Launched[] = [];
  const open = async (more: Partial<TunnelOptions> = {}) => {
    const tunnels = await createTunnels({ ...options, ...more });
    portals.push(tunnels);
    return tunnels;
  };
  const tunnels = await open();
  const layDown: Place["layDown"] = async (of, way, { kind = "jupyter", ticket = {} } = {}) => {
    const own = join(folder, `${of.sessionId}.${of.attempt}`);
    mkdirSync(own, { recursive: true });
    const text = { ...JSON.parse(await tunnels.ticket(of, way)), ...ticket };
    writeFileSync(join(own, "tunnel.json"), JSON.stringify(text), { mode: 0o600 });
    writeFileSync(join(own, "spec.json"), JSON.stringify(documentOf(of, kind)));
    return own;
  };
  const start: Place["start"] = (own, words = ["--wrap", JSON.stringify(["python3", child])], by = {}) => {
    const one = launch(own, words, {
      python: "python3",
      program: launcher,
      env: { ...process.env, TMPDIR: folder },
      ...by,
    });
    launched.push(one);
    return one;
  };
  const attempt = () => ({ sessionId: `s-${randomBytes(10).toString("hex")}`, attempt: 1 });
  try {
    await test({ folder, options, tunnels, attempt, open, layDown, start });
  } finally {
    for (const one of launched) one.process.kill("SIGTERM");
    await Promise.all(launched.map((one) => one.ended()));
    await Promise.all(portals.map((portal) => portal.close()));
    rmSync(folder, { recursive: true, force: true });
  }
}

function launch(own: string, words: readonly string[], { python, program, env, uid }: Runner): Launched {
  const files = ["--folder", own, "--tunnel", join(own, "tunnel.json")];
  const process = spawn(python, ["-I", program, ...files, "--grace-seconds", "1", ...words], {
    stdio: ["ignore", "ignore", "pipe"],
    env,
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let said = "";
  process.stderr.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  const exit = once(process, "exit");
  return { process, said: () => said, ended: async () => (await exit).find((part) => part !== null) };
}

/** Starts a session with the test's child, and waits until that answers. */
export async function startSession(place: Place, way: Way, of: Attempt = place.attempt()) {
  const launched = place.start(await place.layDown(of, way));
  await ask(place.tunnels, of, "echo");
  return { of, launched };
}

/** As the portal's callers do: tries again while the launcher is not there. */
export async function dial(tunnels: Tunnels, of: Attempt): Promise<Duplex> {
  let connection: Duplex | null = null;
  await until(async () => {
    connection = await tunnels.dial(of, "jupyter", calm).catch(unavailable);
    if (connection === null) await sleep(20);
    return connection !== null;
  });
  return connection as unknown as Duplex;
}

/** Says one line to the test's child, then nothing more, and answers all that it says. */
export async function ask(tunnels: Tunnels, of: Attempt, line: string): Promise<string> {
  const connection = await dial(tunnels, of);
  connection.end(`${line}\n`);
  return (await connection.setEncoding("utf8").toArray()).join("");
}

function unavailable(error: unknown): null {
  if (error instanceof Unavailable) return null;
  throw error;
}

function documentOf({ sessionId, attempt }: Attempt, kind: string) {
  const session = { id: sessionId, name: "a test", kind, attempt };
  return { session, owner: { account: "pi" }, notebook: null, parameters: {}, datasets: [] };
}
