import { z } from "zod";
import { sessionId } from "./common.ts";

const mostScriptBytes = 256 * 1024;

const script = z
  .string()
  .min(1)
  .refine((text) => new TextEncoder().encode(text).length <= mostScriptBytes, "at most 256 KiB")
  .refine((text) => !text.includes("\0"), "must be text")
  .meta({ description: "The text of a program: Python, or what its `#!` line names; at most 256 KiB" });

/** What a batch session is to run. */
export const jobRequest = z
  .strictObject({
    script: script.optional(),
    notebook: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .meta({ description: "One of the environment's notebooks, run from its first cell to its last" }),
    arguments: z.array(z.string().max(10_000)).max(1000).default([]),
    over: z.literal("datasets").optional().meta({ description: "A session for each of the datasets" }),
    retries: z
      .number()
      .int()
      .min(0)
      .max(5)
      .default(0)
      .meta({ description: "How often it is begun anew when it failed" }),
  })
  .superRefine(({ script, notebook }, context) => {
    if ((script === undefined) === (notebook === undefined))
      context.addIssue({
        code: "custom",
        path: ["script"],
        message: "either script or notebook, one of them",
      });
  })
  .meta({ id: "JobRequest" });

/** What a batch session runs; the text of its program is not shown. */
export const job = z
  .object({
    notebook: z.string().nullable(),
    arguments: z.array(z.string()),
    retries: z.number().int(),
    retried: z.number().int().meta({ description: "How often it was begun anew" }),
    hasScript: z.boolean(),
  })
  .meta({ id: "Job" });

/** Its place among the sessions that were asked for together. */
export const arrayPlace = z
  .object({
    id: sessionId.meta({ description: "The first one's id" }),
    index: z.number().int().meta({ description: "From 0" }),
    size: z.number().int(),
  })
  .meta({ id: "ArrayPlace" });
