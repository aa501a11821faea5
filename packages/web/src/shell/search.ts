/** What may stand behind the `?` of an address; anything else is left out. */

type Raw = Record<string, unknown>;

function text(raw: Raw, name: string): string | undefined {
  const value = raw[name];
  const written = typeof value === "number" || typeof value === "boolean" ? String(value) : value;
  return typeof written === "string" && written !== "" ? written.slice(0, 200) : undefined;
}

function oneOf<Value extends string>(raw: Raw, name: string, values: readonly Value[]): Value | undefined {
  return values.find((value) => value === raw[name]);
}

export function datasetSearch(raw: Raw) {
  return {
    q: text(raw, "q"),
    technique: text(raw, "technique"),
    instrument: text(raw, "instrument"),
    access: oneOf(raw, "access", ["open", "member", "embargoed"]),
  };
}

export function sessionSearch(raw: Raw) {
  return { phase: oneOf(raw, "phase", ["live", "ended"]), of: oneOf(raw, "of", ["everybody"]) };
}

export function openSearch(raw: Raw) {
  return { endpoint: oneOf(raw, "endpoint", ["jupyter", "desktop", "terminal"]) };
}

export function deviceSearch(raw: Raw) {
  return { code: text(raw, "code") };
}
