import type { LaunchSpec, Mount } from "@endstation/core";
import { accountsInside, home, variablesInside } from "../../../transports/inside.ts";
import { holderOf } from "../../../transports/paths.ts";
import { type Claim, type KubernetesConfig, whereaboutsOf } from "./config.ts";
import { label, podName } from "./names.ts";
import type { Pod } from "./schema.ts";

export interface ManifestContext {
  readonly config: KubernetesConfig;
  readonly owner: string;
  /** The provider's name in the configuration. */
  readonly provider: string;
  /** Of the Secret with the session's files: another one for each pod that is tried. */
  readonly secretName: string;
}

/** A folder of a claim as it is mounted. */
export interface Placed {
  readonly claim: string;
  readonly subPath: string;
}

const folder = "/run/session";
const files = "session";
const launcher = "launcher.pyz";
const readableInPod = 0o444;

/** The pod of a session, as restricted as the Pod Security Standards know it. Nothing in it is secret. */
export function podOf(spec: LaunchSpec, context: ManifestContext) {
  const { config } = context;
  const { nodeSelector, tolerations } = whereaboutsOf(config, spec.flavour.name);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: podName(spec, context.owner), labels: labelsOf(spec, context) },
    spec: {
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      hostname: "session",
      terminationGracePeriodSeconds: config.graceSeconds,
      ...(config.timeLimitHours && { activeDeadlineSeconds: Math.ceil(config.timeLimitHours * 3600) }),
      nodeSelector,
      tolerations: [...tolerations, ...outlastsOutages],
      imagePullSecrets: config.imagePullSecrets.map((name) => ({ name })),
      securityContext: account(spec),
      containers: [containerOf(spec, context)],
      volumes: volumesOf(spec, context),
    },
  };
}

export type PodManifest = ReturnType<typeof podOf>;

/** A node that nobody hears of may come back: what runs there is not thrown out meanwhile. */
const outlastsOutages = ["not-ready", "unreachable"].map((name) => ({
  key: `node.kubernetes.io/${name}`,
  operator: "Exists",
  effect: "NoExecute",
}));

/** What a session finds in `/run/session`, and its accounts. It belongs to the pod, and goes with it. */
export function secretOf(
  spec: LaunchSpec,
  pod: Pod,
  { ticket, launcherZip }: { readonly ticket: string; readonly launcherZip: Uint8Array },
) {
  const { name, uid, labels } = pod.metadata;
  const texts = {
    "spec.json": json(spec.document),
    "datasets.json": json(spec.document.datasets),
    "tunnel.json": ticket,
    ...accountsInside(spec.posix, spec.document.owner.name),
  };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: pod.spec.volumes.find((volume) => volume.secret !== undefined)?.secret?.secretName,
      labels,
      ownerReferences: [{ apiVersion: "v1", kind: "Pod", name, uid }],
    },
    immutable: true,
    stringData: texts,
    data: { [launcher]: Buffer.from(launcherZip).toString("base64") },
  };
}

/** Where a folder lies in the claims; null: none of them holds it. */
export function placeOf(claims: readonly Claim[], path: string): Placed | null {
  const found = holderOf(claims, path);
  if (found === null) return null;
  const subPath = [found.entry.subPath.replaceAll(/^\/+|\/+$/g, ""), found.below].filter(
    (part) => part !== "",
  );
  return { claim: found.entry.claim, subPath: subPath.join("/") };
}

function labelsOf({ sessionId, attempt, kind }: LaunchSpec, { owner, provider }: ManifestContext) {
  return {
    [label.manager]: "endstation",
    [label.owner]: owner,
    [label.provider]: provider,
    [label.session]: sessionId,
    [label.attempt]: String(attempt),
    [label.kind]: kind,
  };
}

/** No `fsGroup`: with it the kubelet would hand the site's volumes, all files of them, over to this session's group. */
function account({ posix }: LaunchSpec) {
  return {
    runAsNonRoot: true,
    runAsUser: posix.uid,
    runAsGroup: posix.gid,
    supplementalGroups: posix.groups,
    seccompProfile: { type: "RuntimeDefault" },
  };
}

function containerOf(spec: LaunchSpec, { config }: ManifestContext) {
  const words = ["--folder", folder, "--tunnel", `${folder}/tunnel.json`];
  const grace = ["--grace-seconds", String(Math.max(1, config.graceSeconds - 1))];
  const processes = ["--processes", String(spec.flavour.processes)];
  const size = sizeOf(spec, config);
  return {
    name: "session",
    image: spec.source.image,
    command: [`${config.environmentPath}/bin/python`, "-I", `${folder}/${launcher}`],
    args: [...words, ...grace, ...processes],
    workingDir: home,
    env: Object.entries(environmentOf(spec, config.environmentPath)).map(([name, value]) => ({
      name,
      value,
    })),
    resources: { requests: size, limits: size },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [...ownMounts, ...claimMounts(spec, config.claims)],
  };
}

function sizeOf({ flavour }: LaunchSpec, config: KubernetesConfig): Record<string, string> {
  const { gpuResource } = whereaboutsOf(config, flavour.name);
  return {
    cpu: `${Math.round(flavour.cpus * 1000)}m`,
    memory: `${flavour.memoryMiB}Mi`,
    ...(flavour.gpus > 0 && { [gpuResource]: String(flavour.gpus) }),
  };
}

const ownMounts = [
  { name: files, mountPath: folder, readOnly: true },
  ...["passwd", "group"].map((name) => ({
    name: files,
    mountPath: `/etc/${name}`,
    subPath: name,
    readOnly: true,
  })),
  { name: "tmp", mountPath: "/tmp" },
  { name: "tmp", mountPath: "/var/tmp" },
  { name: "shm", mountPath: "/dev/shm" },
];

function claimMounts({ mounts }: LaunchSpec, claims: readonly Claim[]) {
  const used = claimsUsed(mounts, claims);
  return mounts.map(({ source, target, readOnly }) => {
    const { claim = "", subPath = "" } = placeOf(claims, source) ?? {};
    return {
      name: `claim-${used.indexOf(claim)}`,
      mountPath: target,
      readOnly,
      ...(subPath !== "" && { subPath }),
    };
  });
}

/** Files in memory count as the session's memory; alone they may not fill it. */
function volumesOf({ flavour, mounts }: LaunchSpec, { config, secretName }: ManifestContext) {
  const emptyDir = { medium: "Memory", sizeLimit: `${Math.floor(flavour.memoryMiB / 2)}Mi` };
  return [
    { name: files, secret: { secretName, defaultMode: readableInPod } },
    { name: "tmp", emptyDir },
    { name: "shm", emptyDir },
    ...claimsUsed(mounts, config.claims).map((claimName, index) => ({
      name: `claim-${index}`,
      persistentVolumeClaim: { claimName, readOnly: isOnlyRead(claimName, mounts, config.claims) },
    })),
  ];
}

/** One volume for each: a pod that names the same claim in two of them never starts. */
function claimsUsed(mounts: readonly Mount[], claims: readonly Claim[]): string[] {
  return [...new Set(mounts.map(({ source }) => placeOf(claims, source)?.claim ?? ""))];
}

function isOnlyRead(claim: string, mounts: readonly Mount[], claims: readonly Claim[]): boolean {
  return mounts.every(({ source, readOnly }) => readOnly || placeOf(claims, source)?.claim !== claim);
}

function environmentOf(spec: LaunchSpec, environment: string): Record<string, string> {
  return {
    ...variablesInside(spec),
    PATH: `${environment}/bin:/usr/local/bin:/usr/bin:/bin`,
    VIRTUAL_ENV: environment,
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
