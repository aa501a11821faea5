import { z } from "zod";

/** The parts of the Engine API's answers (1.41 to 1.51) that are used here; what else is in them is passed over. */
export const versionAnswer = z.object({ ApiVersion: z.string(), MinAPIVersion: z.string().default("1.12") });

export const infoAnswer = z.object({
  NCPU: z.number(),
  MemTotal: z.number(),
  SecurityOptions: z.array(z.string()).nullish(),
  DockerRootDir: z.string(),
});

export type EngineInfo = z.infer<typeof infoAnswer>;

export const errorAnswer = z.object({ message: z.string() });

export const createAnswer = z.object({ Id: z.string() });

export const listAnswer = z.array(
  z.object({
    Id: z.string(),
    Names: z.array(z.string()),
    State: z.string(),
    /** Seconds since 1970. */
    Created: z.number(),
  }),
);

export type Listed = z.infer<typeof listAnswer>[number];

export const inspectAnswer = z.object({
  Id: z.string(),
  Name: z.string(),
  Created: z.coerce.date(),
  State: z.object({
    Status: z.string(),
    OOMKilled: z.boolean(),
    ExitCode: z.number(),
    Error: z.string(),
    FinishedAt: z.coerce.date(),
  }),
});

export type Inspected = z.infer<typeof inspectAnswer>;

export const imageAnswer = z.object({
  Config: z
    .object({ Labels: z.record(z.string(), z.string()).nullish(), Env: z.array(z.string()).nullish() })
    .nullish(),
});

export type Image = z.infer<typeof imageAnswer>;

export const eventLine = z.object({
  Action: z.string(),
  Actor: z.object({ Attributes: z.record(z.string(), z.string()) }),
});

export type EngineEvent = z.infer<typeof eventLine>;

/** One line of a pull's progress. `id` is a layer's. */
export const pullLine = z.object({
  id: z.string().optional(),
  status: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).optional(),
  errorDetail: z.object({ message: z.string() }).optional(),
});

export type PullLine = z.infer<typeof pullLine>;

/** What `docker login` writes. */
export const credentials = z.object({ auths: z.record(z.string(), z.object({ auth: z.string() })) });
