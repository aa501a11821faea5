import { z } from "zod";

const named = z.strictObject({ id: z.string(), label: z.string() });

/** A value that a person may set before the notebook runs; it stands in the cell tagged `parameters`. */
const parameter = z.strictObject({
  name: z.string().regex(/^[a-z_][a-z0-9_]*$/),
  kind: z.enum(["data", "results", "number", "boolean", "text"]),
  default: z.union([z.string(), z.number(), z.boolean()]),
  title: z.string(),
  unit: z.string().optional(),
});

const notebook = z.strictObject({
  file: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*\.ipynb$/),
  title: z.string(),
  description: z.string(),
  parameters: z.array(parameter).default([]),
});

/** Where an environment's software is, one source per kind of engine. */
export const environmentSource = z.strictObject({
  path: z.string().startsWith("/").optional().describe("A folder with a built environment"),
  image: z
    .string()
    .regex(/@sha256:[0-9a-f]{64}$/, "must be name@sha256:digest")
    .optional()
    .describe("A container image, as `name@sha256:digest`"),
  module: z.string().min(1).optional().describe("An environment module that has Python with JupyterLab"),
  apptainer: z.string().min(1).optional().describe("An Apptainer image"),
});

const name = z.string().regex(/^[a-z0-9-]{1,60}$/);

/** `environment.yaml`: what an environment says of itself (docs/environments.md). */
export const declaration = z.strictObject({
  name,
  title: z.string(),
  description: z.string(),
  kind: z.enum(["jupyter", "desktop", "terminal", "batch"]),
  reason: z.string(),
  /** Another environment whose software this one has, in place of its own. */
  softwareOf: name.optional(),
  software: z.array(z.strictObject({ name: z.string(), version: z.coerce.string() })).default([]),
  licences: z.array(z.string()).default([]),
  techniques: z.array(named).default([]),
  definitions: z.array(z.string()).default([]),
  instruments: z.array(z.string()).default([]),
  flavours: z.array(z.string()).min(1),
  notebooks: z.array(notebook).default([]),
  source: environmentSource.default({}),
});

export type Declaration = z.infer<typeof declaration>;
