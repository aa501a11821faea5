import type { Dataset, Parameter, Proposal, Technique } from "@endstation/core";
import type { Declared } from "./archive.ts";
import type { DatasetReading } from "./dataset-reading.ts";
import type { Facility, FacilityDataset, FacilityProposal } from "./facility.ts";
import type { Listing } from "./listing.ts";

const mostParameters = 60;

export function proposalFrom(facility: Facility, declared: FacilityProposal): Proposal {
  const names = new Map(facility.accounts.map((account) => [account.account, account.name]));
  return {
    id: declared.id,
    title: declared.title,
    summary: declared.abstract,
    instrument: instrumentOf(facility, declared).name,
    facility: facilityName(facility, declared),
    startsAt: declared.startsAt,
    endsAt: declared.endsAt,
    releaseAt: declared.releaseAt,
    listed: declared.listed,
    members: declared.members.map(({ account, name, role }) => ({
      account,
      name: name ?? names.get(account) ?? account,
      role,
    })),
  };
}

/** What is declared, completed by what the files say. `here` null: its data are not on this machine. */
export function datasetFrom(
  facility: Facility,
  { proposal, dataset }: Declared,
  here: { readonly listing: Listing; readonly reading: DatasetReading } | null,
): Dataset {
  const files = here?.listing.files ?? [];
  return {
    id: dataset.id,
    pid: dataset.pid,
    title: dataset.title,
    proposal: proposal.id,
    instrument: instrumentOf(facility, proposal).name,
    facility: facilityName(facility, proposal),
    techniques: techniquesOf(facility, proposal, dataset),
    definitions: [...new Set([...dataset.definitions, ...(here?.reading.definitions ?? [])])],
    sample: sampleOf(dataset, here?.reading ?? null),
    createdAt: dataset.createdAt ?? momentOf(here?.reading.startTime ?? null),
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    fileCount: files.length,
    releaseAt: proposal.releaseAt,
    licence: dataset.licence ?? proposal.licence,
    source: sourceOf(dataset),
    kind: dataset.kind,
    availability: "online",
    parameters: parametersOf(dataset.parameters, here?.reading.parameters ?? []),
    problems: here === null ? ["its data are not here: the archive has no folder for it"] : problemsOf(here),
  };
}

function problemsOf({ listing, reading }: { listing: Listing; reading: DatasetReading }): string[] {
  const ofFiles = listing.files.flatMap(({ path, problem }) =>
    problem === null ? [] : [`${path}: ${problem}`],
  );
  const unreadable = reading.problems.map(({ path, problem }) => `${path}: ${problem}`);
  const empty = listing.files.length === 0 && listing.problems.length === 0 ? ["it has no files"] : [];
  return shortened([...listing.problems, ...empty, ...ofFiles, ...unreadable, ...reading.remarks]);
}

function shortened(problems: readonly string[]): string[] {
  const most = 12;
  if (problems.length <= most) return [...problems];
  return [...problems.slice(0, most - 1), `and ${problems.length - most + 1} more, shown with the files`];
}

function sampleOf({ sample }: FacilityDataset, reading: DatasetReading | null): Dataset["sample"] {
  if (sample === null) return reading?.sample ?? null;
  const description = reading?.sample?.description ?? null;
  return typeof sample === "string"
    ? { name: sample, description }
    : { ...sample, description: sample.description ?? description };
}

/** Declared ones first; a file adds what has another name. */
function parametersOf(declared: readonly Parameter[], ofFiles: readonly Parameter[]): Parameter[] {
  const names = new Set(declared.map((one) => one.name.toLowerCase()));
  return [...declared, ...ofFiles.filter((one) => !names.has(one.name.toLowerCase()))].slice(
    0,
    mostParameters,
  );
}

function techniquesOf(
  facility: Facility,
  proposal: FacilityProposal,
  dataset: FacilityDataset,
): readonly Technique[] {
  return dataset.techniques ?? instrumentOf(facility, proposal).techniques;
}

function sourceOf({ source }: FacilityDataset): string | null {
  return source === null ? null : `${source.package} ${source.version}, ${source.homepage}`;
}

function instrumentOf(facility: Facility, { instrument }: FacilityProposal): Facility["instruments"][number] {
  return facility.instruments.find((one) => one.id === instrument) as Facility["instruments"][number];
}

function facilityName(facility: Facility, proposal: FacilityProposal): string {
  const found = facility.facilities.find((one) => one.id === proposal.facility);
  return found?.short ?? found?.name ?? proposal.facility;
}

function momentOf(text: string | null): number | null {
  const at = text === null ? Number.NaN : Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  return Number.isFinite(at) ? at : null;
}
