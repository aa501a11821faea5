import type {
  datafile as datafileSchema,
  datasetDetail as datasetDetailSchema,
  datasetQuery as datasetQuerySchema,
  dataset as datasetSchema,
  preview as previewSchema,
} from "@endstation/api";
import {
  type Axis,
  type Datafile,
  type DatasetQuery,
  getDataset,
  getPreview,
  listDatafiles,
  listDatasets,
  type Preview,
  type ReadDeps,
  type SeenDataset,
} from "@endstation/core";
import type { z } from "zod";
import { type Handlers, wireInstant } from "./handlers.ts";

type Names = Pick<Handlers, "listDatasets" | "getDataset" | "listDatafiles" | "getPreview">;
type Query = z.output<typeof datasetQuerySchema>;

export function datasetHandlers(deps: ReadDeps): Names {
  return {
    listDatasets: async ({ principal, query }) => {
      const page = { limit: query.limit, cursor: query.cursor ?? null };
      const found = await listDatasets(deps, principal, { query: queryOf(query), page });
      return { items: found.items.map(wireDataset), next: found.next };
    },
    getDataset: async ({ principal, params }) => wireDetail(await getDataset(deps, principal, params.id)),
    listDatafiles: async ({ principal, params, signal }) => {
      const files = await listDatafiles(deps, principal, params.id, signal);
      return { items: files.map(wireDatafile), next: null };
    },
    getPreview: async ({ principal, params, signal }) =>
      wirePreview(await getPreview(deps, principal, params.id, signal)),
  };
}

function queryOf({ proposal, instrument, technique, q, access, from, to }: Query): DatasetQuery {
  return {
    ...(proposal === undefined ? {} : { proposal }),
    ...(instrument === undefined ? {} : { instrument }),
    ...(technique === undefined ? {} : { technique }),
    ...(q === undefined ? {} : { text: q }),
    ...(access === undefined ? {} : { access }),
    ...(from === undefined ? {} : { from: Date.parse(from) }),
    ...(to === undefined ? {} : { to: Date.parse(to) }),
  };
}

function wireDataset({ dataset, access }: SeenDataset): z.input<typeof datasetSchema> {
  const {
    id,
    pid,
    title,
    proposal,
    instrument,
    facility,
    sizeBytes,
    fileCount,
    licence,
    kind,
    availability,
  } = dataset;
  return {
    ...{
      id,
      pid,
      title,
      proposal,
      instrument,
      facility,
      sizeBytes,
      fileCount,
      licence,
      kind,
      availability,
      access,
    },
    techniques: dataset.techniques.map(({ id: technique, label }) => ({ id: technique, label })),
    sample: dataset.sample,
    createdAt: wireInstant(dataset.createdAt),
    releaseAt: wireInstant(dataset.releaseAt),
  };
}

function wireDetail(seen: SeenDataset): z.input<typeof datasetDetailSchema> {
  const { source, definitions, parameters, problems } = seen.dataset;
  return {
    ...wireDataset(seen),
    source,
    definitions: [...definitions],
    parameters: parameters.map(({ name, value, unit }) => ({
      name,
      value: typeof value === "object" ? [...value] : value,
      unit,
    })),
    problems: [...problems],
  };
}

function wireDatafile({
  path,
  sizeBytes,
  modifiedAt,
  format,
  problem,
}: Datafile): z.input<typeof datafileSchema> {
  return { path, sizeBytes, modifiedAt: wireInstant(modifiedAt), format, problem };
}

function wirePreview(preview: Preview): z.input<typeof previewSchema> {
  switch (preview.shape) {
    case "curve":
      return { shape: "curve", title: preview.title, x: wireAxis(preview.x), y: wireAxis(preview.y) };
    case "image":
      return { ...preview, values: [...preview.values] };
    case "none":
      return preview;
  }
}

function wireAxis({ label, unit, values, scale }: Axis) {
  return { label, unit, values: [...values], scale };
}
