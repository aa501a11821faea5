import { z } from "zod";

const labels = z.record(z.string(), z.string());

const toleration = z.strictObject({
  key: z.string().optional(),
  operator: z.enum(["Exists", "Equal"]).default("Equal"),
  value: z.string().optional(),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
});

export type Toleration = z.infer<typeof toleration>;

const claim = z.strictObject({
  here: z.string().startsWith("/").describe("A folder as the portal sees it"),
  claim: z.string().min(1).describe("The PersistentVolumeClaim in the sessions' namespace that holds it"),
  subPath: z.string().default("").describe("Where in the claim it lies. Left out: at its top"),
});

export type Claim = z.infer<typeof claim>;

const ofFlavour = z.strictObject({
  nodeSelector: labels.optional(),
  tolerations: z.array(toleration).optional(),
  gpuResource: z.string().optional(),
});

/** What an operator may write of a provider of kind `kubernetes` in the configuration file. */
export const kubernetesConfig = z.strictObject({
  kubeconfig: z
    .string()
    .startsWith("/")
    .optional()
    .describe(
      "A kubeconfig with a token, a token's file or a client certificate. Left out: the ServiceAccount of the pod that the portal runs in",
    ),
  namespace: z.string().min(1).describe("The namespace of its sessions, for this portal alone"),
  owner: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/)
    .optional()
    .describe(
      "Marks what belongs to this portal, where several share a namespace. Left out: made from the state folder's path",
    ),
  claims: z.array(claim).min(1).describe("Where sessions find the archive, homes and results"),
  environmentPath: z
    .string()
    .startsWith("/")
    .default("/opt/endstation/environment")
    .describe("The environment's folder inside every image: a link there will do"),
  imagePullSecrets: z
    .array(z.string().min(1))
    .default([])
    .describe("Secrets of the namespace with log-ins for registries"),
  nodeSelector: labels.default({}).describe("Labels of the nodes for sessions. Left out: every node"),
  tolerations: z.array(toleration).default([]).describe("Taints of nodes that sessions tolerate"),
  gpuResource: z
    .string()
    .default("nvidia.com/gpu")
    .describe("What the cluster calls the graphics processors of a flavour"),
  flavours: z
    .record(z.string(), ofFlavour)
    .default({})
    .describe("By flavour, `nodeSelector`, `tolerations` and `gpuResource` in place of those above"),
  timeLimitHours: z
    .number()
    .positive()
    .optional()
    .describe(
      "How long Kubernetes lets a session run, whatever the portal says. Left out: no limit of its own",
    ),
  usualWaitSeconds: z
    .number()
    .int()
    .min(0)
    .default(600)
    .describe(
      "How long a session waits when the nodes are full, as people are told: Kubernetes estimates nothing",
    ),
  graceSeconds: z
    .number()
    .int()
    .min(1)
    .default(10)
    .describe("Time for a session to save and end by itself before it is killed"),
  keepEndedHours: z
    .number()
    .positive()
    .default(24)
    .describe("How long ended pods are kept, and with them a session's log and how it ended"),
});

export type KubernetesConfig = z.infer<typeof kubernetesConfig>;

/** Where sessions of one flavour may run. */
export interface Whereabouts {
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly gpuResource: string;
}

export function whereaboutsOf(config: KubernetesConfig, flavour: string): Whereabouts {
  const own = config.flavours[flavour];
  return {
    nodeSelector: own?.nodeSelector ?? config.nodeSelector,
    tolerations: own?.tolerations ?? config.tolerations,
    gpuResource: own?.gpuResource ?? config.gpuResource,
  };
}
