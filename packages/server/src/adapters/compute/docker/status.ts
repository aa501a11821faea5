import type { Observation } from "@endstation/core";
import type { Inspected } from "./schema.ts";

/** A container's state, as the engine inspects it. */
export type State = Inspected["State"];

export interface Circumstances {
  /** Its end was asked for by us. */
  readonly asked: boolean;
  /** Whether what ran is a program of the person's own. */
  readonly batch: boolean;
  readonly memoryMiB: number;
}

const killedBySignal = 128 + 9;
const terminatedBySignal = 128 + 15;
/** What the engine writes down for a container that it finds dead, after the machine or containerd has died. */
export const foundDead = 255;

/** Of what the engine only lists; null: it has not begun, or how it ended must be asked for. */
export function aliveAs(
  state: string,
): Exclude<Observation, { state: "nothing" | "gone" | "queued" }> | null {
  if (state === "paused") return { state: "suspended" };
  return state === "running" || state === "restarting" ? { state: "running" } : null;
}

/** What a container's state means; null: it has been made and not begun. */
export function observationOf(
  state: State,
  circumstances: Circumstances,
): Exclude<Observation, { state: "nothing" }> | null {
  if (state.Status === "created") return null;
  return aliveAs(state.Status) ?? goneAs(state, circumstances);
}

function goneAs(state: State, { asked, batch, memoryMiB }: Circumstances): Observation & { state: "gone" } {
  const gone = { state: "gone", exitCode: state.ExitCode, cause: null } as const;
  if (asked) return gone;
  const words = [`exited (${state.ExitCode})`, state.OOMKilled ? "OOMKilled" : "", state.Error];
  const said = `the engine says: ${words.filter((word) => word !== "").join(", ")}`;
  // A child that was killed for memory leaves the mark, too, and its session goes on.
  if (state.OOMKilled && state.ExitCode === killedBySignal)
    return { ...gone, cause: { code: "out-of-memory", detail: `it has ${memoryMiB} MiB; ${said}` } };
  const killed = [killedBySignal, terminatedBySignal].includes(state.ExitCode);
  if (killed || (state.ExitCode === foundDead && !batch))
    return { ...gone, cause: { code: "killed", detail: said } };
  return gone;
}
