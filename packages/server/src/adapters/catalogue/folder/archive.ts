import type { Stats } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { Rejected, Unavailable } from "@endstation/core";
import { type Facility, type FacilityDataset, type FacilityProposal, parseFacility } from "./facility.ts";

/** A dataset as it is declared, with the proposal it belongs to. */
export interface Declared {
  readonly proposal: FacilityProposal;
  readonly dataset: FacilityDataset;
}

/** The declared archive as it is now: read again whenever the file has changed. */
export interface Archive {
  read(): Promise<{ readonly facility: Facility; readonly datasets: ReadonlyMap<string, Declared> }>;
  /** The dataset's folder without symbolic links, below the archive; null when it is not there or leads out. */
  folderOf(declared: Declared): Promise<string | null>;
}

type State = Awaited<ReturnType<Archive["read"]>>;

export function openArchive(file: string): Archive {
  let known: { readonly stamp: string; readonly state: Promise<State> } | null = null;
  const root = dirname(file);
  return {
    read: async () => {
      const stamp = stampOf(await stat(file).catch((error: unknown) => failed(file, error)));
      if (known?.stamp !== stamp) known = { stamp, state: load(file) };
      const { state } = known;
      return state.catch((error: unknown) => {
        if (known?.state === state) known = null;
        throw error;
      });
    },
    folderOf: async ({ dataset }) => {
      try {
        const [archive, folder] = await Promise.all([realpath(root), realpath(join(root, dataset.folder))]);
        return folder.startsWith(archive + sep) && (await stat(folder)).isDirectory() ? folder : null;
      } catch {
        return null;
      }
    },
  };
}

async function load(file: string): Promise<State> {
  const text = await readFile(file, "utf8").catch((error: unknown) => failed(file, error));
  const facility = parseFacility(file, text);
  const all = facility.proposals.flatMap((proposal) =>
    proposal.datasets.map((dataset) => [dataset.id, { proposal, dataset }] as const),
  );
  return { facility, datasets: new Map(all) };
}

function failed(file: string, error: unknown): never {
  const code = (error as NodeJS.ErrnoException).code ?? "unknown";
  if (code === "ENOENT") throw new Rejected("config-invalid", `${file} is not there`);
  throw new Unavailable(`${file} cannot be read (${code})`);
}

function stampOf({ ino, size, mtimeMs }: Stats): string {
  return `${ino} ${size} ${mtimeMs}`;
}
