import { type CancelSignal, type Cause, Rejected, Unavailable } from "@endstation/core";
import type { Exec, Ran } from "../../../transports/exec.ts";

/**
 * A session's folder on the cluster's storage, made and read by its account itself, whichever way commands run as it: root
 * may not be anybody on a file server. Beside what the session is given there lie marks in it, by which every portal and the job
 * agree: `started.N` (the job's N-th start has begun), `ended` (it is not to begin any more), `exit.N` (how it ended).
 */
export interface SessionFolder {
  /** Lays the files down all at once, if there is no such folder yet. */
  make(files: ReadonlyMap<string, Uint8Array>, signal: CancelSignal): Promise<"made" | "there" | "over">;
  /** Puts one file in the place of another. */
  replace(name: string, content: string, signal: CancelSignal): Promise<void>;
  /** From now on no job begins in it. */
  markEnded(signal: CancelSignal): Promise<void>;
  /** What the job wrote down at its end; null: it could not. */
  ending(restart: number, signal: CancelSignal): Promise<Ending | null>;
  /** The last bytes of the log. */
  log(maxBytes: number, signal: CancelSignal): Promise<string>;
  remove(signal: CancelSignal): Promise<void>;
}

/** `exit.N` */
export interface Ending {
  readonly status: number;
  /** Why it could not begin. */
  readonly trouble: Cause | null;
}

const status = { there: 40, foreign: 41, over: 42 } as const;

/** Where everybody may make folders, one may be there that somebody else has made: nothing is done in it. */
const onlyIfOurs = '[ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] || exit 0;';

const scripts = {
  make: `umask 077; set -e; mkdir -p "\${1%/*}"
known() { [ ! -L "$1" ] && [ -O "$1" ] || exit ${status.foreign}; [ ! -e "$1/ended" ] && [ ! -e "$1/started.0" ] || exit ${status.over}; exit ${status.there}; }
if [ -e "$1" ]; then known "$1"; fi
folder=$1; new=$1.$$.new; mkdir "$new"; shift
while [ $# -gt 0 ]; do head -c "$2" >"$new/$1"; shift 2; done
mv -T "$new" "$folder" 2>/dev/null || { rm -rf "$new"; known "$folder"; }`,
  replace: `umask 077; ${onlyIfOurs} cat >"$1/$2.$$" && mv -T "$1/$2.$$" "$1/$2"`,
  markEnded: `umask 077; ${onlyIfOurs} : >"$1/ended"`,
  ending: `${onlyIfOurs} cat "$1/exit.$2" 2>/dev/null || true`,
  log: `${onlyIfOurs} tail -c "$2" "$1/log" 2>/dev/null || true`,
  remove: `${onlyIfOurs} rm -rf "$1"`,
};

/** `path` as the cluster sees it; `exec` runs commands there as the session's account. */
export function sessionFolder(path: string, exec: Exec): SessionFolder {
  const run = (script: string, words: readonly string[], signal: CancelSignal, input?: string | Uint8Array) =>
    exec(
      { words: ["sh", "-c", script, "sh", path, ...words], ...(input === undefined ? {} : { input }) },
      signal,
    );
  const demand = async (ran: Promise<Ran>) => wellOr(path, await ran);
  return {
    make: async (files, signal) => {
      const sizes = [...files].flatMap(([name, content]) => [name, String(content.length)]);
      const ran = await run(scripts.make, sizes, signal, Buffer.concat([...files.values()]));
      if (ran.status === status.there) return "there";
      if (ran.status === status.over) return "over";
      if (ran.status === status.foreign)
        throw new Rejected("launch-rejected", `${path} belongs to another account of the cluster`);
      wellOr(path, ran);
      return "made";
    },
    replace: async (name, content, signal) =>
      void (await demand(run(scripts.replace, [name], signal, content))),
    markEnded: async (signal) => void (await demand(run(scripts.markEnded, [], signal))),
    ending: async (restart, signal) =>
      endingOf((await demand(run(scripts.ending, [String(restart)], signal))).output),
    log: async (maxBytes, signal) =>
      lastLines((await demand(run(scripts.log, [String(maxBytes)], signal))).output, maxBytes),
    remove: async (signal) => void (await demand(run(scripts.remove, [], signal))),
  };
}

/** A full disk or a right that is missing will not get better by asking again. */
function wellOr(path: string, ran: Ran): Ran {
  if (ran.status === 0) return ran;
  if (/no space left|quota exceeded/i.test(ran.error)) throw new Rejected("disk-full", `making ${path}`);
  if (
    /permission denied|read-only file system|not a directory|a password is required|not in the sudoers/i.test(
      ran.error,
    )
  )
    throw new Rejected("launch-rejected", `${path} cannot be made on the cluster: ${ran.error}`);
  throw new Unavailable(`${path}: ${ran.error || `status ${ran.status}`}`);
}

/** The job's account can write there what it likes: it tells of its own session alone. */
export function endingOf(text: string): Ending | null {
  const [, code, trouble, detail] = /^(\d{1,3}) (?:(launch-rejected|killed) (.*))?\n/.exec(text) ?? [];
  if (code === undefined) return null;
  const told = trouble === "killed" || trouble === "launch-rejected";
  return {
    status: Number(code),
    trouble: told ? { code: trouble, detail: (detail ?? "").slice(0, 500) } : null,
  };
}

function lastLines(text: string, maxBytes: number): string {
  const isCut = Buffer.byteLength(text) >= maxBytes;
  return isCut ? text.slice(text.indexOf("\n") + 1) : text;
}
