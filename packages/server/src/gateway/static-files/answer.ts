import { rangeOf } from "../../http/byte-range.ts";
import { type Lines, saidByThePortal } from "../headers.ts";
import type { Asked } from "../rules.ts";
import type { StaticFile } from "./list.ts";
import { plainOf, type Representation, smallestFor } from "./representation.ts";

/** What is said about a file, and which bytes of which form of it are sent. */
export interface FileAnswer {
  readonly status: 200 | 206 | 304 | 416;
  readonly headers: Lines;
  /** Null: nothing follows. */
  readonly body: { readonly start: number; readonly end: number } | null;
  readonly representation: Representation;
}

/** For ever, as the name carries the content's hash; by this browser alone, as only who may enter gets it. */
const caching: Lines = ["Cache-Control", "private, max-age=31536000, immutable"];

/** Answers a GET or HEAD. A part is always one of the file as it is, so that parts fit together whatever is accepted. */
export function answerWith(file: StaticFile, { method, headers }: Asked): FileAnswer {
  const range = method === "GET" ? oneOf(headers["range"]) : undefined;
  const representation =
    range === undefined ? smallestFor(file, oneOf(headers["accept-encoding"])) : plainOf(file);
  const common = [...caching, "ETag", representation.etag, ...varying(file), ...saidByThePortal];
  const nothing = { body: null, representation };
  if (isKnown(oneOf(headers["if-none-match"]), representation.etag))
    return { status: 304, headers: common, ...nothing };
  const { size } = representation.stored;
  const part = partOf(range, oneOf(headers["if-range"]), representation);
  if (part.kind === "outside") {
    const lines = ["Content-Range", `bytes */${size}`, "Content-Length", "0"];
    return { status: 416, headers: [...common, ...lines], ...nothing };
  }
  const isPart = part.kind === "part";
  const sent = isPart ? { start: part.start, end: part.end } : { start: 0, end: size - 1 };
  const which = isPart ? ["Content-Range", `bytes ${sent.start}-${sent.end}/${size}`] : [];
  const length = ["Content-Length", String(sent.end - sent.start + 1)];
  const lines = [...common, ...descriptionOf(file, representation), ...which, ...length];
  const body = method === "HEAD" || size === 0 ? null : sent;
  return { status: isPart ? 206 : 200, headers: lines, body, representation };
}

/** Another form than that of which the browser has a part already is sent whole. */
function partOf(range: string | undefined, ifRange: string | undefined, { stored, etag }: Representation) {
  return rangeOf(ifRange === undefined || ifRange === etag ? range : undefined, stored.size);
}

function varying({ packed }: StaticFile): Lines {
  return packed.size === 0 ? [] : ["Vary", "Accept-Encoding"];
}

function descriptionOf({ type }: StaticFile, { encoding }: Representation): Lines {
  const encoded = encoding === null ? [] : ["Content-Encoding", encoding];
  return ["Content-Type", type, "X-Content-Type-Options", "nosniff", "Accept-Ranges", "bytes", ...encoded];
}

/** Whether the browser has it already; a weak tag is as good here. */
function isKnown(header: string | undefined, etag: string): boolean {
  const tags = header?.split(",").map((tag) => tag.trim().replace(/^W\//, "")) ?? [];
  return tags.includes(etag) || header?.trim() === "*";
}

function oneOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(",") : value;
}
