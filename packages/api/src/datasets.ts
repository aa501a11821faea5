import { z } from "zod";
import { instant, pageQuery } from "./common.ts";

export const access = z.enum(["open", "member", "embargoed"]);

export const dataset = z
  .object({
    id: z.string(),
    pid: z.string().nullable(),
    title: z.string(),
    proposal: z.string(),
    instrument: z.string(),
    facility: z.string(),
    techniques: z.array(z.object({ id: z.string(), label: z.string() })),
    sample: z.object({ name: z.string(), description: z.string().nullable() }).nullable(),
    createdAt: instant.nullable(),
    sizeBytes: z.number().int(),
    fileCount: z.number().int(),
    releaseAt: instant.nullable(),
    licence: z.string().nullable(),
    access,
    kind: z.enum(["raw", "processed", "simulated"]),
    availability: z.enum(["online", "on-tape", "staging"]),
  })
  .meta({ id: "Dataset" });
export type Dataset = z.infer<typeof dataset>;

export const datasetDetail = dataset
  .extend({
    source: z.string().nullable(),
    definitions: z.array(z.string()),
    parameters: z.array(
      z.object({
        name: z.string(),
        value: z.union([z.number(), z.string(), z.array(z.number())]),
        unit: z.string().nullable(),
      }),
    ),
    problems: z.array(z.string()).meta({ description: "What hinders reading it; empty when nothing does" }),
  })
  .meta({ id: "DatasetDetail" });
export type DatasetDetail = z.infer<typeof datasetDetail>;

export const datafile = z
  .object({
    path: z.string(),
    sizeBytes: z.number().int(),
    modifiedAt: instant,
    format: z.string(),
    problem: z.string().nullable(),
  })
  .meta({ id: "Datafile" });
export type Datafile = z.infer<typeof datafile>;

export const datasetQuery = pageQuery.extend({
  proposal: z.string().max(100).optional(),
  instrument: z.string().max(100).optional(),
  technique: z.string().max(100).optional().meta({ description: "A PaNET id; its descendants are included" }),
  q: z.string().max(200).optional(),
  access: access.optional(),
  from: instant.optional(),
  to: instant.optional(),
});

const axis = z.object({
  label: z.string(),
  unit: z.string().nullable(),
  values: z.array(z.number().nullable()),
  scale: z.enum(["linear", "log"]),
});

/** Points for a small picture, made by the portal from the file. */
export const preview = z
  .discriminatedUnion("shape", [
    z.object({ shape: z.literal("curve"), title: z.string(), x: axis, y: axis }),
    z.object({
      shape: z.literal("image"),
      title: z.string(),
      width: z.number().int(),
      height: z.number().int(),
      values: z.array(z.number().nullable()).meta({ description: "Row by row from the top" }),
      scale: z.enum(["linear", "log"]),
    }),
    z.object({ shape: z.literal("none"), why: z.string() }),
  ])
  .meta({ id: "Preview" });
export type Preview = z.infer<typeof preview>;
