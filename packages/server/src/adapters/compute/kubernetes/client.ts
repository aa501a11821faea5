import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { Unavailable } from "@endstation/core";
import { Agent, type Dispatcher, request } from "undici";
import type { z } from "zod";
import type { Access } from "./kubeconfig.ts";
import {
  claimList,
  eventList,
  type Node,
  nodeList,
  type Pod,
  pod,
  podList,
  type Quota,
  quotaList,
  status,
  type WatchEvent,
  watchEvent,
} from "./schema.ts";

/** The API server's refusal, with its words. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

interface Call {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly type?: string;
  readonly signal?: AbortSignal;
}

const patience = 15_000;
/** After so long the API server ends a watch, and we ask for the next: silence that lasts longer is a broken connection. */
const watchSeconds = 25;
const mergePatch = "application/merge-patch+json";

/**
 * The calls of the Kubernetes API (https://kubernetes.io/docs/reference/kubernetes-api/) that are needed. Each throws
 * Unavailable when the API server cannot be asked or is in trouble, and Refusal when it refuses.
 */
export class Cluster {
  readonly #access: Access;
  readonly #namespace: string;
  readonly #agent: Agent;

  constructor(access: Access, namespace: string) {
    this.#access = access;
    this.#namespace = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
    // One connection for each watch: over HTTP/2 all calls would end together with the one that is idle.
    this.#agent = new Agent({ allowH2: false, connect: { ...access.tls, timeout: patience } });
  }

  /** Pods with these labels, and the version of the list from which a watch goes on. */
  async pods(labels: Readonly<Record<string, string>>): Promise<{ version: string; pods: readonly Pod[] }> {
    const query = { labelSelector: selector(labels) };
    const { metadata, items } = await this.#ask(podList, "GET", `${this.#namespace}/pods`, { query });
    return { version: metadata.resourceVersion, pods: items };
  }

  /** What changes after that version; it ends by itself after a while. */
  async *watchPods(
    labels: Readonly<Record<string, string>>,
    version: string,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent> {
    const query = {
      watch: "1",
      labelSelector: selector(labels),
      resourceVersion: version,
      allowWatchBookmarks: "true",
      timeoutSeconds: String(watchSeconds),
    };
    const body = await this.#open("GET", `${this.#namespace}/pods`, { query, signal });
    try {
      for await (const line of createInterface({ input: body })) yield understood(watchEvent, line);
    } catch (error) {
      throw unavailable(error);
    } finally {
      body.destroy();
    }
  }

  /** Null: there is one of that name. */
  createPod(body: object): Promise<Pod | null> {
    return this.#ask(pod, "POST", `${this.#namespace}/pods`, { body }).catch(unless(isThere, null));
  }

  /** Does nothing where there is one of that name. */
  async createSecret(body: object): Promise<void> {
    await this.#ask(status, "POST", `${this.#namespace}/secrets`, { body }).catch(unless(isThere, null));
  }

  /** Null: it is no more, or not as `version` says. */
  patchPod(name: string, version: string, changes: { metadata: object; spec?: object }): Promise<Pod | null> {
    const body = { ...changes, metadata: { ...changes.metadata, resourceVersion: version } };
    const call = { body, type: mergePatch };
    return this.#ask(pod, "PATCH", this.#pod(name), call).catch(unless(isChanged, null));
  }

  /** Does nothing where it is no more. */
  async deletePod({ name, uid }: Pod["metadata"]): Promise<void> {
    const body = { preconditions: { uid } };
    await this.#ask(status, "DELETE", this.#pod(name), { body }).catch(unless(isChanged, null));
  }

  /** The last lines of what it wrote; nothing where it has written nothing, or is no more. */
  log(name: string, lines: number): Promise<Readable | null> {
    const query = { container: "session", tailLines: String(lines) };
    return this.#open("GET", `${this.#pod(name)}/log`, { query }).catch(unless(hasNoLog, null));
  }

  /** What the cluster complained of about a pod last; null: nothing. */
  async lastWarning(uid: string): Promise<string | null> {
    const query = { fieldSelector: `involvedObject.uid=${uid},type=Warning` };
    const { items } = await this.#ask(eventList, "GET", `${this.#namespace}/events`, { query });
    const newest = items.toSorted((a, b) => Number(a.lastTimestamp) - Number(b.lastTimestamp)).at(-1);
    return newest === undefined ? null : `${newest.reason}: ${newest.message}`;
  }

  async nodes(): Promise<readonly Node[]> {
    return (await this.#ask(nodeList, "GET", "/api/v1/nodes")).items;
  }

  /** Pods of the whole cluster that take room. */
  async allPods(): Promise<readonly Pod[]> {
    const query = { fieldSelector: "status.phase!=Succeeded,status.phase!=Failed" };
    return (await this.#ask(podList, "GET", "/api/v1/pods", { query })).items;
  }

  async quotas(): Promise<readonly Quota[]> {
    return (await this.#ask(quotaList, "GET", `${this.#namespace}/resourcequotas`)).items;
  }

  /** Names of the claims that can be used. */
  async claims(): Promise<ReadonlySet<string>> {
    const { items } = await this.#ask(claimList, "GET", `${this.#namespace}/persistentvolumeclaims`);
    return new Set(items.filter((one) => one.status.phase !== "Lost").map((one) => one.metadata.name));
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  #pod(name: string): string {
    return `${this.#namespace}/pods/${encodeURIComponent(name)}`;
  }

  async #ask<Schema extends z.ZodType>(
    schema: Schema,
    method: Dispatcher.HttpMethod,
    path: string,
    call: Call = {},
  ): Promise<z.output<Schema>> {
    return understood(schema, await textOf(await this.#open(method, path, call)));
  }

  async #open(method: Dispatcher.HttpMethod, path: string, call: Call): Promise<Readable> {
    const { query = {}, body, type = "application/json", signal } = call;
    try {
      const token = await this.#access.token();
      const answer = await request(`${this.#access.server}${path}`, {
        dispatcher: this.#agent,
        method,
        query,
        headers: {
          accept: "application/json",
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { "content-type": type }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        headersTimeout: patience,
        bodyTimeout: (watchSeconds + 10) * 1000,
        ...(signal === undefined ? {} : { signal }),
      });
      if (answer.statusCode < 400) return answer.body;
      throw failureOf(answer.statusCode, await textOf(answer.body));
    } catch (error) {
      throw error instanceof Refusal ? error : unavailable(error);
    }
  }
}

const isThere = ({ reason }: Refusal) => reason === "AlreadyExists";
const isChanged = ({ status }: Refusal) => status === 404 || status === 409;
/** 400: its container has not begun. */
const hasNoLog = ({ status }: Refusal) => status === 404 || status === 400;

function unless<T>(expected: (refusal: Refusal) => boolean, answer: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Refusal && expected(error)) return answer;
    throw error;
  };
}

/** Whether it would refuse again, or is in trouble itself: it does not know us at the moment, has too much to do, or is not quite up. */
function failureOf(code: number, text: string): Refusal | Unavailable {
  const { message, reason } = status.safeParse(jsonOf(text)).data ?? { message: "", reason: "" };
  const words = message === "" ? `HTTP ${code}` : message;
  const passing = code === 401 || code === 429 || code >= 500;
  return passing ? new Unavailable(`the API server says: ${words}`) : new Refusal(code, reason, words);
}

function unavailable(error: unknown): Unavailable {
  if (error instanceof Unavailable) return error;
  const { message, code } = error as NodeJS.ErrnoException;
  return new Unavailable(`the API server cannot be asked: ${message === "" ? code : message}`, {
    cause: error,
  });
}

function understood<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  const read = schema.safeParse(jsonOf(text));
  if (read.success) return read.data;
  throw new Unavailable(`the API server's answer is not understood: ${read.error.issues[0]?.path.join(".")}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function textOf(body: Readable): Promise<string> {
  try {
    const chunks: Buffer[] = await body.toArray();
    return Buffer.concat(chunks).toString();
  } catch (error) {
    throw unavailable(error);
  }
}

function selector(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
}
