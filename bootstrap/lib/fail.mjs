import { SetupFault } from "./fault.mjs";
import { say } from "./say.mjs";

/** Says what went wrong, for a person: no stack where it was expected. */
export function fail(error) {
  if (!(error instanceof SetupFault)) throw error;
  say(`✖ ${error.code}: ${error.detail}\n  ${error.next}`);
  process.exitCode = 1;
}
