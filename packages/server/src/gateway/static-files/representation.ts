import type { Encoding, StaticFile, Stored } from "./list.ts";

/** One of a file's forms, as it is sent. */
export interface Representation {
  readonly stored: Stored;
  /** Null: as it is. */
  readonly encoding: Encoding | null;
  readonly etag: string;
}

/** A file as it is, unpacked. */
export function plainOf({ sha256, plain }: StaticFile): Representation {
  return { stored: plain, encoding: null, etag: `"${sha256.slice(0, 32)}"` };
}

/** The smallest form that the browser takes. */
export function smallestFor(file: StaticFile, acceptEncoding: string | undefined): Representation {
  const takes = acceptedBy(acceptEncoding ?? "");
  const usable = [...file.packed].filter(([encoding]) => takes(encoding));
  return usable
    .map(([encoding, stored]) => packedOf(file, encoding, stored))
    .reduce((best, one) => (one.stored.size < best.stored.size ? one : best), plainOf(file));
}

function packedOf({ sha256 }: StaticFile, encoding: Encoding, stored: Stored): Representation {
  return { stored, encoding, etag: `"${sha256.slice(0, 32)}-${encoding}"` };
}

/** As RFC 9110 has it: a weight of nought refuses, `*` stands for what is not named, what is not named is not taken. */
function acceptedBy(header: string): (encoding: Encoding) => boolean {
  const weights = new Map(
    header.split(",").map((part) => {
      const [name = "", ...parameters] = part.split(";").map((word) => word.trim().toLowerCase());
      const weight = parameters.find((word) => word.startsWith("q="))?.slice(2);
      return [name === "x-gzip" ? "gzip" : name, weight === undefined ? 1 : Number(weight)];
    }),
  );
  return (encoding) => (weights.get(encoding) ?? weights.get("*") ?? 0) > 0;
}
