/** What may stand behind the `?` of an address; anything else is left out. */

type Raw = Record<string, unknown>;

function text(raw: Raw, name: string, most = 200): string | undefined {
  const value = raw[name];
  const written = typeof value === "number" || typeof value === "boolean" ? String(value) : value;
  return typeof written === "string" && written !== "" ? written.slice(0, most) : undefined;
}

function oneOf<Value extends string>(raw: Raw, name: string, values: readonly Value[]): Value | undefined {
  return values.find((value) => value === raw[name]);
}

export interface DatasetSearch {
  readonly q?: string | undefined;
  readonly technique?: string | undefined;
  readonly instrument?: string | undefined;
  readonly access?: "open" | "member" | "embargoed" | undefined;
}

export interface SessionSearch {
  readonly phase?: "live" | "ended" | undefined;
  readonly of?: "everybody" | undefined;
}

export interface OpenSearch {
  readonly endpoint?: "jupyter" | "desktop" | "terminal" | undefined;
}

/** A place inside a file, from where an analysis is to begin. */
export interface PlaceSearch {
  readonly file?: string | undefined;
  readonly path?: string | undefined;
}

export function placeSearch(raw: Raw): PlaceSearch {
  return { file: text(raw, "file", 4096), path: text(raw, "path", 4096) };
}

export interface RunSearch {
  readonly dataset?: string | undefined;
  readonly proposal?: string | undefined;
}

export function runSearch(raw: Raw): RunSearch {
  return { dataset: text(raw, "dataset"), proposal: text(raw, "proposal") };
}

export function datasetSearch(raw: Raw): DatasetSearch {
  return {
    q: text(raw, "q"),
    technique: text(raw, "technique"),
    instrument: text(raw, "instrument"),
    access: oneOf(raw, "access", ["open", "member", "embargoed"]),
  };
}

export function sessionSearch(raw: Raw): SessionSearch {
  return { phase: oneOf(raw, "phase", ["live", "ended"]), of: oneOf(raw, "of", ["everybody"]) };
}

export function openSearch(raw: Raw): OpenSearch {
  return { endpoint: oneOf(raw, "endpoint", ["jupyter", "desktop", "terminal"]) };
}
