import type { ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort } from "../processes.ts";
import { ended, node, startOn, subjectCore, told } from "./children.ts";
import { withChildren } from "./cpu.ts";
import { proxyConfig } from "./nginx.ts";
import type { Tools } from "./tools.ts";
import { openWay, type Way } from "./ways.ts";

/** What is measured: a proxy in front of both upstreams, on a core of its own. */
export interface Subject {
  readonly port: number;
  readonly http: Way;
  /** Uploads and WebSockets; one after the other in turn. */
  readonly sockets: readonly Way[];
  readonly pids: readonly number[];
  end(): Promise<void>;
}

export interface Targets {
  readonly http: number;
  readonly sockets: number;
}

export const names = ["nginx", "configurable-http-proxy", "http-proxy", "Endstation"] as const;
export type Name = (typeof names)[number];

/** Sessions for WebSockets: one browser has at most 500 connections. */
const socketSessions = 20;

export interface Place {
  readonly tools: Tools;
  readonly targets: Targets;
  readonly folder: string;
}

const starters: Readonly<Record<Name, (place: Place) => Promise<Subject>>> = {
  nginx: async ({ tools, targets, folder }) => {
    const port = await freePort();
    const own = join(folder, `nginx-${port}`);
    mkdirSync(own);
    writeFileSync(join(own, "nginx.conf"), proxyConfig(own, port, targets));
    return foreign(port, startOn(subjectCore, [tools.nginx, "-p", own, "-c", join(own, "nginx.conf")]));
  },
  "configurable-http-proxy": async ({ tools, targets }) => {
    const [port, api] = [await freePort(), await freePort()];
    const target = `http://127.0.0.1:${targets.http}`;
    const words = ["--ip=127.0.0.1", `--port=${port}`, "--api-ip=127.0.0.1", `--api-port=${api}`];
    const quiet = ["--log-level=error", `--default-target=${target}`];
    const child = startOn(subjectCore, [...node, tools.configurableHttpProxy, ...words, ...quiet]);
    const subject = await foreign(port, child);
    const body = JSON.stringify({ target: `http://127.0.0.1:${targets.sockets}` });
    const answer = await fetch(`http://127.0.0.1:${api}/api/routes/sockets`, { method: "POST", body });
    if (answer.status !== 201) throw new Error(`configurable-http-proxy takes no route: ${answer.status}`);
    return subject;
  },
  "http-proxy": async ({ tools, targets }) => {
    const port = await freePort();
    const words = [port, tools.httpProxy, targets.http, targets.sockets].map(String);
    return foreign(
      port,
      startOn(subjectCore, [...node, join(import.meta.dirname, "http-proxy.mjs"), ...words]),
    );
  },
  Endstation: async ({ targets }) => {
    const words = [targets.http, targets.sockets, 1 + socketSessions].map(String);
    const portal = told(startOn(subjectCore, [...node, join(import.meta.dirname, "portal.ts"), ...words]));
    const { port, ways } = JSON.parse(await portal.line()) as { port: number; ways: [Way, ...Way[]] };
    const [http, ...sockets] = ways;
    return { port, http, sockets, pids: [portal.child.pid as number], end: portal.end };
  },
};

export function startSubject(name: Name, place: Place): Promise<Subject> {
  return starters[name](place);
}

async function foreign(port: number, child: ChildProcess): Promise<Subject> {
  await listening(port);
  const way = openWay(port);
  const pids = withChildren(child.pid as number);
  return { port, http: way, sockets: [way], pids, end: () => ended(child) };
}

/** Waits until somebody listens. */
export async function listening(port: number): Promise<void> {
  for (const until = performance.now() + 15_000; performance.now() < until; ) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true));
      socket.once("error", () => resolve(false)).once("connect", () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nobody listens at ${port}`);
}
