import { z } from "zod";

export const sessionKind = z.enum(["jupyter", "desktop", "terminal", "batch"]);

/** A value that a person may set before a notebook runs; of `data` and `results` the session itself knows it. */
export const notebookParameter = z
  .object({
    name: z.string(),
    kind: z.enum(["data", "results", "number", "boolean", "text"]),
    default: z.union([z.string(), z.number(), z.boolean()]),
    title: z.string(),
    unit: z.string().nullable(),
  })
  .meta({ id: "NotebookParameter" });
export type NotebookParameter = z.infer<typeof notebookParameter>;

export const environment = z
  .object({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    kind: sessionKind,
    software: z.array(z.object({ name: z.string(), version: z.string() })),
    techniques: z.array(z.object({ id: z.string(), label: z.string() })),
    instruments: z.array(z.string()),
    flavours: z.array(z.string()),
    notebooks: z.array(
      z.object({
        file: z.string(),
        title: z.string(),
        description: z.string(),
        parameters: z.array(notebookParameter),
      }),
    ),
  })
  .meta({ id: "Environment" });
export type Environment = z.infer<typeof environment>;

export const flavour = z
  .object({
    name: z.string(),
    title: z.string(),
    cpus: z.number(),
    memoryMiB: z.number().int(),
    gpus: z.number().int(),
  })
  .meta({ id: "Flavour" });
export type Flavour = z.infer<typeof flavour>;

export const planQuery = z.object({
  dataset: z.string().max(200).optional(),
  environment: z.string().max(100).optional(),
  kind: z
    .literal("batch")
    .optional()
    .meta({ description: "To run a job. Left out: as each environment is usually started" }),
});

/** Something that can be started: the best comes first; `cause` says why it cannot be had now. */
export const plan = z
  .object({
    environment: z.string(),
    environmentTitle: z.string(),
    flavour: z.string(),
    provider: z.string(),
    score: z.number(),
    reason: z.string(),
    isDefault: z.boolean().meta({ description: "The environment's own choice of flavour" }),
    waitEstimateSeconds: z.number().nullable(),
    cause: z.object({ code: z.string(), title: z.string(), detail: z.string(), next: z.string() }).nullable(),
  })
  .meta({ id: "Plan" });
export type Plan = z.infer<typeof plan>;
