import { z } from "zod";

/** The parts of the Kubernetes API's objects (core/v1, 1.28 or newer) that are used here; what else is in them is passed over. */

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(""),
  message: z.string().default(""),
});

const ending = z.object({
  exitCode: z.number(),
  reason: z.string().default(""),
  message: z.string().default(""),
  finishedAt: z.coerce.date().nullish(),
});

const containerStatus = z.object({
  state: z
    .object({
      waiting: z.object({ reason: z.string().default(""), message: z.string().default("") }).optional(),
      running: z.object({}).optional(),
      terminated: ending.optional(),
    })
    .default({}),
});

const quantities = z.record(z.string(), z.union([z.string(), z.number()]).transform(String));

const container = z.object({
  restartPolicy: z.string().optional(),
  resources: z.object({ requests: quantities.default({}) }).default({ requests: {} }),
});

export const pod = z.object({
  metadata: z.object({
    name: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
    creationTimestamp: z.coerce.date(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
    deletionTimestamp: z.coerce.date().optional(),
    deletionGracePeriodSeconds: z.number().default(0),
  }),
  spec: z.object({
    nodeName: z.string().optional(),
    containers: z.array(container),
    initContainers: z.array(container).default([]),
    volumes: z.array(z.object({ secret: z.object({ secretName: z.string() }).optional() })).default([]),
  }),
  status: z.object({
    phase: z.string().default("Pending"),
    reason: z.string().default(""),
    message: z.string().default(""),
    conditions: z.array(condition).default([]),
    containerStatuses: z.array(containerStatus).default([]),
  }),
});

export type Pod = z.infer<typeof pod>;
export type Ending = z.infer<typeof ending>;

export const podList = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  items: z.array(pod),
});

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
export const watchEvent = z.discriminatedUnion("type", [
  z.object({ type: z.enum(["ADDED", "MODIFIED", "DELETED"]), object: pod }),
  z.object({
    type: z.literal("BOOKMARK"),
    object: z.object({ metadata: z.object({ resourceVersion: z.string() }) }),
  }),
  z.object({
    type: z.literal("ERROR"),
    object: z.object({ code: z.number().optional(), message: z.string().default("") }),
  }),
]);

export type WatchEvent = z.infer<typeof watchEvent>;

export const status = z.object({ message: z.string().default(""), reason: z.string().default("") });

export const nodeList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
      spec: z
        .object({
          unschedulable: z.boolean().default(false),
          taints: z
            .array(z.object({ key: z.string(), value: z.string().default(""), effect: z.string() }))
            .default([]),
        })
        .default({ unschedulable: false, taints: [] }),
      status: z.object({ allocatable: quantities.default({}) }),
    }),
  ),
});

export type Node = z.infer<typeof nodeList>["items"][number];

export const quotaList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      spec: z
        .object({ scopes: z.array(z.string()).optional(), scopeSelector: z.unknown().optional() })
        .default({}),
      status: z
        .object({ hard: quantities.default({}), used: quantities.default({}) })
        .default({ hard: {}, used: {} }),
    }),
  ),
});

export type Quota = z.infer<typeof quotaList>["items"][number];

export const claimList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z.object({ phase: z.string().default("") }).default({ phase: "" }),
    }),
  ),
});

export const eventList = z.object({
  items: z.array(
    z.object({
      reason: z.string().default(""),
      message: z.string().default(""),
      lastTimestamp: z.coerce.date().nullish(),
    }),
  ),
});
