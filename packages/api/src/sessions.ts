import { z } from "zod";
import { instant, pageQuery, sessionId } from "./common.ts";
import { sessionKind } from "./environments.ts";
import { arrayPlace, job, jobRequest } from "./jobs.ts";

export const phase = z.enum(["pending", "starting", "running", "suspended", "stopping", "stopped", "failed"]);
export type Phase = z.infer<typeof phase>;

export const endpoint = z.enum(["jupyter", "desktop", "terminal"]);
export const shareRole = z.enum(["member", "viewer", "support"]);

/** What a person is to a session; `peer` is of its proposal's team and sees name, owner and phase only. */
export const myAccess = z.enum(["owner", "member", "viewer", "support", "admin", "peer"]);

export const cause = z
  .object({ code: z.string(), title: z.string(), detail: z.string(), next: z.string() })
  .meta({ id: "Cause" });

export const session = z
  .object({
    id: sessionId,
    name: z.string(),
    owner: z.object({ account: z.string(), name: z.string() }),
    kind: sessionKind,
    environment: z.string(),
    flavour: z.string(),
    provider: z.string(),
    placement: z.string().nullable().meta({ description: "Why it went to that provider" }),
    proposal: z.string().nullable(),
    phase,
    reason: z.string().nullable(),
    cause: cause.nullable(),
    waiting: z.object({ reason: z.string(), estimateSeconds: z.number().nullable() }).nullable(),
    stages: z.array(z.object({ name: z.string(), at: instant })),
    contactLostSince: instant.nullable(),
    createdAt: instant,
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
    expiresAt: instant,
    warnedAt: instant
      .nullable()
      .meta({ description: "Since when the owner is warned that it will end soon" }),
    datasets: z.array(z.string()),
    endpoints: z.array(endpoint),
    notebook: z.string().nullable(),
    parameters: z.record(z.string(), z.unknown()),
    job: job.nullable().meta({ description: "Of a batch session" }),
    exitCode: z.number().int().nullable().meta({ description: "How its program ended; the last time" }),
    array: arrayPlace.nullable(),
    resultsPath: z.string().meta({ description: "Where results go inside the session" }),
    myAccess,
  })
  .meta({ id: "Session" });
export type Session = z.infer<typeof session>;

export const sessionRequest = z
  .strictObject({
    environment: z.string().min(1).max(100),
    flavour: z.string().min(1).max(100).optional(),
    provider: z.string().min(1).max(100).optional(),
    name: z.string().trim().min(1).max(200).optional(),
    proposal: z.string().min(1).max(100).optional(),
    datasets: z.array(z.string().min(1).max(200)).max(50).default([]),
    notebook: z.string().min(1).max(200).optional(),
    parameters: z
      .record(z.string().max(100), z.union([z.string().max(10_000), z.number(), z.boolean(), z.null()]))
      .default({}),
    job: jobRequest.optional().meta({ description: "Makes it a batch session" }),
  })
  .superRefine(({ notebook, job, datasets }, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
    if (job !== undefined && notebook !== undefined)
      refuse(["notebook"], "a job names its own: job.notebook");
    if (job?.over === "datasets" && datasets.length === 0)
      refuse(["datasets"], "the job is over at least one");
  })
  .meta({ id: "SessionRequest" });
export type SessionRequest = z.input<typeof sessionRequest>;

export const sessionQuery = pageQuery.extend({
  proposal: z.string().max(100).optional(),
  phase: z.enum(["live", "ended"]).optional(),
  array: sessionId.optional().meta({ description: "Those that were asked for together; the first one's id" }),
  all: z
    .stringbool()
    .default(false)
    .meta({ description: "Everybody's sessions; for administrators and support" }),
});

export const stopQuery = z.object({
  array: z
    .stringbool()
    .default(false)
    .meta({ description: "Also all others that were asked for together with it" }),
});

export const extension = z.strictObject({ hours: z.number().positive().max(1000) });
export const renaming = z.strictObject({ name: z.string().trim().min(1).max(200) });
export const opening = z.strictObject({
  endpoint: endpoint.optional().describe("Left out: the session's first"),
});

/** How a browser enters: it posts `ticket` as a form field to `url`, once, before `expiresAt`. */
export const opened = z
  .object({ url: z.string(), ticket: z.string(), expiresAt: instant })
  .meta({ id: "Opened" });
export type Opened = z.infer<typeof opened>;

export const share = z
  .object({
    account: z.string(),
    name: z.string(),
    as: shareRole,
    until: instant.nullable(),
    by: z.string(),
    at: instant,
    link: z.string().nullable().meta({ description: "The link it came by" }),
  })
  .meta({ id: "Share" });
export type Share = z.infer<typeof share>;

export const shareRequest = z.strictObject({
  account: z.string().min(1).max(100),
  as: shareRole,
  until: instant.optional(),
});
export const unshareQuery = z.object({ account: z.string().min(1).max(100) });

export const log = z.object({ text: z.string() }).meta({ id: "SessionLog" });

/** How long somebody's sessions ran in a period. */
export const usage = z
  .object({
    from: instant,
    to: instant,
    sessionsStarted: z.number().int(),
    runningSeconds: z.number(),
    live: z.number().int().meta({ description: "Without batch sessions" }),
    liveLimit: z.number().int(),
    liveBatch: z.number().int(),
    liveBatchLimit: z.number().int(),
  })
  .meta({ id: "Usage" });

export const usageQuery = z.object({ from: instant.optional(), to: instant.optional() });
