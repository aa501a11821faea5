import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EnvironmentSource, LaunchSpec, PosixAccount } from "@endstation/core";
import type { SpecChanges } from "@endstation/core/testing";
import { installLauncher } from "../setup/launcher.ts";

const root = process.getuid?.() === 0;

/** The launcher as a portal lays it down. */
export const launcherFolder: string = installedLauncher();

function installedLauncher(): string {
  const folder = mkdtempSync(join(tmpdir(), "est-launcher-"));
  chmodSync(folder, 0o755);
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return installLauncher(folder);
}

/** What a contract suite needs around an engine: two people with their folders, a dataset, and what to launch for them. */
export interface SessionWorld {
  readonly folder: string;
  /** A dataset's folder that anybody could write: what keeps it from being changed is the mount alone. */
  readonly data: string;
  spec(changes?: SpecChanges): LaunchSpec;
  /** Whom a file in `/results` belongs to; null: it is not there. */
  ownerOf(spec: LaunchSpec, name: string): { uid: number; gid: number } | null;
  remove(): void;
}

export interface WorldOptions {
  readonly source: EnvironmentSource;
  /** Below which the folders are made; it must be passable for the people. */
  readonly below?: string;
  readonly people?: Readonly<Record<"one" | "two", PosixAccount>>;
}

/** As root two accounts that nobody has; else both are ourselves. */
function usualPeople(): Record<"one" | "two", PosixAccount> {
  if (root)
    return {
      one: { uid: 61_001, gid: 62_001, groups: [63_001] },
      two: { uid: 61_002, gid: 62_002, groups: [] },
    };
  const ourselves = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, groups: [] };
  return { one: ourselves, two: ourselves };
}

export function createSessionWorld({
  source,
  below = tmpdir(),
  people = usualPeople(),
}: WorldOptions): SessionWorld {
  const folder = mkdtempSync(join(below, "est-world-"));
  chmodSync(folder, 0o711);
  const data = makeData(folder);
  return {
    folder,
    data,
    spec: (changes = {}) => specOf(folder, data, source, people[changes.person ?? "one"], changes),
    ownerOf: (spec, name) => {
      const results = spec.mounts.find(({ target }) => target === "/results")?.source ?? "";
      const found = statSync(join(results, name), { throwIfNoEntry: false });
      return found === undefined ? null : { uid: found.uid, gid: found.gid };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function makeData(folder: string): string {
  const data = join(folder, "archive/sample");
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, "counts.dat"), "1 2 3\n");
  chmodSync(join(data, "counts.dat"), 0o666);
  chmodSync(data, 0o777);
  return data;
}

function ownFolder(path: string, { uid, gid }: { uid: number; gid: number }, mode: number): string {
  mkdirSync(path, { recursive: true });
  if (root) chownSync(path, uid, gid);
  chmodSync(path, mode);
  return path;
}

function specOf(
  folder: string,
  data: string,
  usual: EnvironmentSource,
  posix: PosixAccount,
  changes: SpecChanges,
): LaunchSpec {
  const { person = "one", attempt = 1, flavour, source = usual, job = null } = changes;
  const sessionId = changes.sessionId ?? `s-${randomBytes(10).toString("hex")}`;
  const kind = job === null ? (changes.kind ?? "jupyter") : "batch";
  const home = ownFolder(join(folder, `homes-${person}`), posix, 0o700);
  const results = ownFolder(join(folder, `results-${person}`), root ? { ...posix, uid: 0 } : posix, 0o2770);
  return {
    sessionId,
    attempt,
    kind,
    endpoints: changes.endpoints ?? (kind === "batch" ? [] : [kind]),
    posix,
    source,
    flavour: { name: "test", title: "Test", cpus: 1, memoryMiB: 768, processes: 200, gpus: 0, ...flavour },
    mounts: [
      { source: home, target: "/home/user", readOnly: false },
      { source: results, target: "/results", readOnly: false },
      { source: data, target: "/data/sample", readOnly: true },
    ],
    document: {
      session: { id: sessionId, name: "a test", kind, attempt },
      owner: { account: person, name: `Person ${person}` },
      proposal: "p-1",
      environment: "nexus",
      datasets: [{ id: "sample", title: "A sample", path: "/data/sample", files: ["counts.dat"] }],
      notebook: kind === "jupyter" ? "look-at-a-file.ipynb" : null,
      parameters: {},
      job,
    },
  };
}
