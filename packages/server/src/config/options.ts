import { parseArgs } from "node:util";
import { nearest } from "./nearest.ts";

/** What the command line may say. */
export interface Options {
  readonly port?: string;
  readonly state?: string;
  readonly config?: string;
  readonly install: boolean;
}

const known = ["port", "state", "config", "no-install"] as const;

export const usage = `Options:
  --port PORT      listen on this port (ENDSTATION_PORT; 8080)
  --state DIR      keep everything in this folder (ENDSTATION_STATE; /var/lib/endstation as root, else ~/.local/state/endstation)
  --config FILE    the configuration (ENDSTATION_CONFIG; without one, a demonstration on this machine)
  --no-install     install no system packages
`;

/** The options and what is wrong with them, in words. */
export function readOptions(argv: readonly string[]): { options: Options; faults: string[] } {
  const { tokens } = parseArgs({
    args: [...argv],
    options: {
      port: { type: "string" },
      state: { type: "string" },
      config: { type: "string" },
      "no-install": { type: "boolean" },
    },
    strict: false,
    tokens: true,
  });
  const faults: string[] = [];
  const values: Record<string, string> = {};
  let install = true;
  for (const token of tokens) {
    if (token.kind === "positional") faults.push(`${token.value}: only options are taken`);
    if (token.kind !== "option") continue;
    const fault = optionFault(token.name, token.rawName, token.value);
    if (fault !== null) faults.push(fault);
    else if (token.name === "no-install") install = false;
    else values[token.name] = token.value ?? "";
  }
  return { options: { ...values, install }, faults };
}

function optionFault(name: string, rawName: string, value: string | undefined): string | null {
  if (!(known as readonly string[]).includes(name)) {
    const guess = nearest(name, known);
    return `${rawName}: there is no such option${guess === null ? "" : `; did you mean --${guess}?`}`;
  }
  if (name === "no-install") return value === undefined ? null : `${rawName}: takes no value`;
  return value === undefined || value === "" ? `${rawName}: needs a value` : null;
}
