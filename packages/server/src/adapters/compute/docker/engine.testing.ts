import { execFile } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Agent, type Dispatcher, request } from "undici";
import type { EngineSettings } from "../../../testing/engines.ts";

export type DockerSettings = EngineSettings<"docker"> & Partial<EngineSettings<"docker-remapped">>;

/** The engine as an operator has it in hand. */
export interface Operator {
  call(method: Dispatcher.HttpMethod, path: string, body?: object): Promise<unknown>;
  /** Its script: `kill dockerd`, `revive`; and `kill containerd`, which dockerd starts again. */
  script(...words: string[]): Promise<void>;
  /** Makes so many containers that nobody starts; answers their names. */
  crowd(count: number, labels: Readonly<Record<string, string>>): Promise<string[]>;
  removeAll(names: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

const host = "http://operator";
const atOnce = 16;
const containerdPid = "exec/containerd/containerd.pid";

export function operatorOf({ socket, script, tiny }: DockerSettings): Operator {
  const folder = dirname(dirname(socket));
  const dispatcher = new Agent({ connect: { socketPath: socket }, connections: atOnce });
  const call: Operator["call"] = async (method, path, body) => {
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const answer = await request(`${host}${path}`, {
      dispatcher,
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 400) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return /json/.test(String(answer.headers["content-type"])) && text !== "" ? JSON.parse(text) : text;
  };
  const each = <T, U>(items: readonly T[], work: (item: T) => Promise<U>) => {
    const queue = [...items.entries()];
    const results: U[] = [];
    const worker = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift())
        results[next[0]] = await work(next[1]);
    };
    return Promise.all(Array.from({ length: atOnce }, worker)).then(() => results);
  };
  return {
    call,
    script: async (...words) => {
      if (words[1] === "containerd") return killByItsFile(join(folder, containerdPid));
      await promisify(execFile)(script, words);
      // Killed, and not reaped yet, they count for the next dockerd as running, and it does not start.
      if (words[0] === "kill")
        for (const file of ["run/dockerd.pid", containerdPid]) rmSync(join(folder, file), { force: true });
    },
    crowd: (count, Labels) =>
      each(Array.from({ length: count }), async () => {
        const body = { Image: tiny, Labels, HostConfig: { NetworkMode: "none" } };
        return ((await call("POST", "/containers/create", body)) as { Id: string }).Id;
      }),
    removeAll: async (names) =>
      void (await each(names, (name) => call("DELETE", `/containers/${name}?force=1&v=1`).catch(() => {}))),
    close: () => dispatcher.destroy(),
  };
}

function killByItsFile(file: string): void {
  process.kill(Number(readFileSync(file, "utf8")), "SIGKILL");
}

/** Requests that this process has made of engines, an operator's left out. */
export function countCalls(): () => number {
  let count = 0;
  subscribe("undici:request:create", (message) => {
    const { origin } = (message as { request: { origin: string | URL } }).request;
    if (String(origin).startsWith("http://docker")) count += 1;
  });
  return () => count;
}
