import { Rejected, Unavailable } from "@endstation/core";
import { Agent, type Dispatcher, request } from "undici";
import type { z } from "zod";
import { demultiplex } from "./demultiplex.ts";
import { imageParts, label } from "./names.ts";
import { refusalOfPull } from "./progress.ts";
import {
  createAnswer,
  type EngineEvent,
  type EngineInfo,
  errorAnswer,
  eventLine,
  type Image,
  type Inspected,
  imageAnswer,
  infoAnswer,
  inspectAnswer,
  type Listed,
  listAnswer,
  type PullLine,
  pullLine,
  versionAnswer,
} from "./schema.ts";

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

interface Opened {
  readonly status: number;
  readonly body: Dispatcher.ResponseData["body"];
}

interface CallOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds until it is given up; an answer that goes on is not measured. */
  readonly within?: number;
  readonly signal?: AbortSignal;
}

/** The oldest version of the API that has all that is used here, and the newest that this was written against. */
const oldest = "1.41";
const newest = "1.51";
const usualPatience = 30_000;
const pullPatience = 120_000;

/** What no second try makes better, although the engine calls it an error of its own. */
const hopeless = /OCI runtime|could not select device driver|error gathering device information/;

/** What an engine says that died while it started a container, and left a part of it behind. */
const stale = /task \S+ already exists|id already in use|failed to start shim: mkdir .* file exists/;

/**
 * The calls of the Docker Engine API (https://docs.docker.com/reference/api/engine/) that are needed, over its Unix
 * socket. Each throws Unavailable when the engine cannot be asked or is in trouble, and Rejected when it refuses.
 */
export class Engine {
  readonly #socket: string;
  readonly #owner: string;
  readonly #agent: Agent;
  #version: Promise<string> | null = null;

  constructor(socket: string, owner: string) {
    this.#socket = socket;
    this.#owner = owner;
    this.#agent = new Agent({ connect: { socketPath: socket }, bodyTimeout: 0 });
  }

  async info(): Promise<EngineInfo> {
    return understood(infoAnswer, await this.#demand("GET", "/info"));
  }

  /** Every container with our owner's label, in whatever state. */
  async list(): Promise<Listed[]> {
    const filters = JSON.stringify({ label: [`${label.owner}=${this.#owner}`] });
    return understood(
      listAnswer,
      await this.#demand("GET", "/containers/json", { query: { all: "1", filters } }),
    );
  }

  async inspect(name: string): Promise<Inspected | null> {
    const answer = await this.#demand("GET", `/containers/${name}/json`, {}, [404]);
    return answer.status === 404 ? null : understood(inspectAnswer, answer);
  }

  /** Null: it is not there. */
  async image(image: string): Promise<Image | null> {
    const answer = await this.#demand("GET", `/images/${image}/json`, {}, [404]);
    return answer.status === 404 ? null : understood(imageAnswer, answer);
  }

  async create(name: string, body: object): Promise<{ readonly id: string } | "there" | "no-image"> {
    const answer = await this.#demand("POST", "/containers/create", { query: { name }, body }, [404, 409]);
    if (answer.status === 404) return "no-image";
    return answer.status === 409 ? "there" : { id: understood(createAnswer, answer).Id };
  }

  /**
   * Nothing is done to one that runs.
   * @returns stale: an engine that died while it started it never can start it any more; another one of the name it can.
   */
  async start(id: string): Promise<"started" | "stale"> {
    const answer = await this.#demand("POST", `/containers/${id}/start`, {}, [409, 500]);
    if (answer.status < 400) return "started";
    if (stale.test(wordsOf(answer))) return "stale";
    throw failureOf(answer);
  }

  /** Answers when it has ended; the engine kills it after its grace, also when we no longer wait. */
  async stop(name: string, graceSeconds: number): Promise<void> {
    const within = usualPatience + graceSeconds * 1000;
    const query = { t: String(graceSeconds) };
    await this.#demand("POST", `/containers/${name}/stop`, { query, within }, [404]);
  }

  async remove(name: string): Promise<void> {
    await this.#demand("DELETE", `/containers/${name}`, { query: { force: "1", v: "1" } }, [404, 409]);
  }

  /** Its last lines on both outputs; nothing of one that is not there. */
  async logs(name: string, lines: number): Promise<Buffer> {
    const query = { stdout: "1", stderr: "1", tail: String(lines) };
    const answer = await this.#demand("GET", `/containers/${name}/logs`, { query }, [404]);
    return answer.status === 404 ? Buffer.alloc(0) : demultiplex(answer.body);
  }

  /** What happens to our containers from `since` on (seconds since 1970), as long as the engine lives. */
  async *events(since: number, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    const filters = JSON.stringify({
      type: ["container"],
      event: ["start", "die", "destroy", "pause", "unpause"],
      label: [`${label.owner}=${this.#owner}`],
    });
    const query = { since: since.toFixed(3), filters };
    const { status, body } = await this.#open("GET", "/events", { query, signal });
    if (status >= 400) throw new Unavailable(wordsOf({ status, body: await whole(body) }));
    yield* linesOf(body, eventLine);
  }

  /**
   * Pulls an image, and ends when it is there; the engine lets it be when nobody listens any more.
   * @throws Rejected when it cannot be had.
   */
  async *pull(image: string, credentials: string | null, signal: AbortSignal): AsyncGenerator<PullLine> {
    const { name, digest } = imageParts(image) as { name: string; digest: string };
    const query = { fromImage: name, tag: digest };
    const headers = credentials === null ? {} : { "X-Registry-Auth": credentials };
    const options = { query, headers, signal, within: pullPatience };
    const { status, body } = await this.#open("POST", "/images/create", options);
    if (status >= 400) throw failureOfPull(wordsOf({ status, body: await whole(body) }));
    for await (const line of linesOf(body, pullLine)) {
      if (line.errorDetail !== undefined) throw failureOfPull(line.errorDetail.message);
      yield line;
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  /** @throws for every status of refusal or trouble that is not among `besides`. */
  async #demand(
    method: Dispatcher.HttpMethod,
    path: string,
    options: CallOptions = {},
    besides: readonly number[] = [],
  ): Promise<Answer> {
    const { status, body } = await this.#open(method, path, options);
    const answer = { status, body: await whole(body) };
    if (status < 400 || besides.includes(status)) return answer;
    throw failureOf(answer);
  }

  async #open(method: Dispatcher.HttpMethod, path: string, options: CallOptions): Promise<Opened> {
    return this.#ask(method, `/v${await this.#versioned()}${path}`, options);
  }

  async #ask(method: Dispatcher.HttpMethod, path: string, options: CallOptions): Promise<Opened> {
    const { query = {}, body, headers = {}, within = usualPatience, signal } = options;
    try {
      const answer = await request(`http://docker${path}`, {
        dispatcher: this.#agent,
        method,
        query,
        headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        body: body === undefined ? null : JSON.stringify(body),
        headersTimeout: within,
        ...(signal === undefined ? {} : { signal }),
      });
      return { status: answer.statusCode, body: answer.body };
    } catch (error) {
      // What comes back may be another version.
      this.#version = null;
      throw unavailable(error, this.#socket);
    }
  }

  #versioned(): Promise<string> {
    this.#version ??= this.#negotiate().catch((error: unknown) => {
      this.#version = null;
      throw error;
    });
    return this.#version;
  }

  async #negotiate(): Promise<string> {
    const { status, body } = await this.#ask("GET", "/version", {});
    const { ApiVersion, MinAPIVersion } = understood(versionAnswer, { status, body: await whole(body) });
    if (isNewer(oldest, ApiVersion) || isNewer(MinAPIVersion, newest))
      throw new Unavailable(
        `the engine speaks its API from ${MinAPIVersion} to ${ApiVersion}; one from ${oldest} to ${newest} is needed`,
      );
    return isNewer(ApiVersion, newest) ? newest : ApiVersion;
  }
}

function isNewer(one: string, other: string): boolean {
  const [a = 0, b = 0] = one.split(".").map(Number);
  const [c = 0, d = 0] = other.split(".").map(Number);
  return a > c || (a === c && b > d);
}

function failureOf(answer: Answer): Rejected | Unavailable {
  const words = wordsOf(answer);
  const detail = `the engine says: ${words}`;
  if (/no space left on device/.test(words)) return new Rejected("disk-full", detail);
  const isRefusal = answer.status < 500 && ![404, 408, 409, 429].includes(answer.status);
  return isRefusal || hopeless.test(words)
    ? new Rejected("launch-rejected", detail)
    : new Unavailable(detail);
}

function wordsOf({ status, body }: Answer): string {
  const text = body.toString("utf8");
  try {
    return errorAnswer.parse(JSON.parse(text)).message;
  } catch {
    return `${status} ${text.slice(0, 200)}`;
  }
}

function understood<T>(schema: z.ZodType<T>, { body }: Answer): T {
  return parsed(schema, body.toString("utf8"));
}

function parsed<T>(schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new Unavailable(`the engine's answer is not understood: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** JSON values, one a line. */
async function* linesOf<T>(body: Opened["body"], schema: z.ZodType<T>): AsyncGenerator<T> {
  let rest = "";
  try {
    for await (const chunk of body.setEncoding("utf8")) {
      const lines = `${rest}${chunk}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.trim() !== "") yield parsed(schema, line);
    }
  } catch (error) {
    throw unavailable(error);
  }
}

function failureOfPull(words: string): Rejected | Unavailable {
  const code = refusalOfPull(words);
  return code === null ? new Unavailable(words) : new Rejected(code, `the engine says: ${words}`);
}

async function whole(body: Opened["body"]): Promise<Buffer> {
  try {
    return Buffer.from(await body.arrayBuffer());
  } catch (error) {
    throw unavailable(error);
  }
}

function unavailable(error: unknown, socket?: string): Unavailable {
  if (error instanceof Unavailable) return error;
  const where = socket === undefined ? "the engine" : `the engine at ${socket}`;
  return new Unavailable(`${where} does not answer: ${(error as Error).message}`, { cause: error });
}
