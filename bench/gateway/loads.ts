import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { loadCore, node, startOn, told } from "./children.ts";
import { usageOf } from "./cpu.ts";
import type { SocketsLoad } from "./load-sockets.ts";
import type { Tools } from "./tools.ts";
import { blobBytes } from "./upstreams.ts";
import type { Way } from "./ways.ts";

/** Where load goes to: a proxy, or (without `pids`) straight to the upstreams. */
export interface Aim {
  readonly port: number;
  readonly socketsPort: number;
  readonly http: Way;
  readonly sockets: readonly Way[];
  readonly pids: readonly number[] | null;
}

/** One measurement: each figure by name. */
export type Measured = Readonly<Record<string, number>>;

export interface Load {
  readonly name: string;
  measure(aim: Aim, tools: Tools, seconds: number): Promise<Measured>;
}

export const loads: readonly Load[] = [
  http("1 connection", { connections: 1, latencies: true }),
  http("50 connections", { connections: 50, latencies: true }),
  http("10 MB down", { connections: 4, path: "/blob" }),
  http("10 MB up", { connections: 4, path: "/sockets/sink", bodyBytes: blobBytes }),
  webSocket("WebSocket 256 B", { connections: 50, messageBytes: 256 }),
  webSocket("WebSocket 64 KB", { connections: 8, messageBytes: 64 * 1024 }),
];

interface HttpLoad {
  readonly connections: number;
  readonly path?: string;
  readonly bodyBytes?: number;
  readonly latencies?: boolean;
}

interface WrkSays {
  readonly requests: number;
  readonly microseconds: number;
  readonly failed: number;
  readonly p50: number;
  readonly p99: number;
}

function http(name: string, { connections, path = "/api/status", bodyBytes = 0, latencies }: HttpLoad): Load {
  return {
    name,
    measure: async (aim, tools, seconds) => {
      const isUp = bodyBytes > 0;
      const way = isUp ? (aim.sockets[0] as Way) : aim.http;
      const url = `http://127.0.0.1:${isUp ? aim.socketsPort : aim.port}${path}`;
      const env = { LD_LIBRARY_PATH: tools.libraries, BENCH_BODY: String(bodyBytes) };
      const words = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout=30s", ...headerWords(way)];
      const script = ["-s", join(import.meta.dirname, "load.lua")];
      const { result, cpuSeconds } = await withCpu(aim, () => wrk(tools, [...words, ...script, url], env));
      if (result.failed > 0 || result.requests === 0)
        throw new Error(`${name}: ${result.failed} of ${result.requests} failed`);
      const rate = result.requests / (result.microseconds / 1e6);
      return {
        rate,
        ...(cpuSeconds === null ? {} : { perCpu: result.requests / cpuSeconds }),
        ...(latencies === true ? { p50: result.p50 / 1000, p99: result.p99 / 1000 } : {}),
      };
    },
  };
}

function headerWords({ host, headers }: Way): string[] {
  return Object.entries({ Host: host, ...headers }).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
}

async function wrk(tools: Tools, words: readonly string[], env: NodeJS.ProcessEnv): Promise<WrkSays> {
  const all = ["--cpu-list", loadCore, tools.wrk, ...words];
  const { stdout } = await promisify(execFile)("taskset", all, { env: { ...process.env, ...env } });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as WrkSays;
}

function webSocket(name: string, of: Pick<SocketsLoad, "connections" | "messageBytes">): Load {
  return {
    name,
    measure: async (aim, _tools, seconds) => {
      const load = startSocketsLoad({ port: aim.socketsPort, ways: aim.sockets, seconds, ...of });
      await load.line();
      const { result, cpuSeconds } = await withCpu(aim, () => load.line());
      await load.end();
      const { messages, seconds: took } = JSON.parse(result) as { messages: number; seconds: number };
      return {
        rate: messages / took,
        ...(cpuSeconds === null ? {} : { perCpu: messages / cpuSeconds }),
      };
    },
  };
}

export function startSocketsLoad(load: SocketsLoad) {
  const script = join(import.meta.dirname, "load-sockets.ts");
  return told(startOn(loadCore, [...node, script, JSON.stringify(load)]));
}

async function withCpu<Result>({ pids }: Aim, work: () => Promise<Result>) {
  const before = pids === null ? null : usageOf(pids).cpuSeconds;
  const result = await work();
  const cpuSeconds = pids === null || before === null ? null : usageOf(pids).cpuSeconds - before;
  return { result, cpuSeconds };
}
