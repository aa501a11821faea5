import type { EnvironmentSource, Flavour, Offer, SessionKind } from "@endstation/core";
import { type KubernetesConfig, type Whereabouts, whereaboutsOf } from "./config.ts";
import { placeOf } from "./manifest.ts";
import { quantity } from "./quantity.ts";
import type { Node, Pod, Quota } from "./schema.ts";

type Refused = Offer & { readonly fits: false };

export const kinds: readonly SessionKind[] = ["jupyter", "terminal", "batch"];

const unlimited = Number.POSITIVE_INFINITY;

/** What the cluster has; each part is null where we may not ask for it. */
export interface Surroundings {
  readonly nodes: readonly Node[] | null;
  /** Of the whole cluster, those that take room. */
  readonly pods: readonly Pod[] | null;
  readonly quotas: readonly Quota[] | null;
  readonly claims: ReadonlySet<string> | null;
}

export interface Wanted {
  readonly kind: SessionKind;
  readonly flavour: Flavour;
  readonly source: EnvironmentSource;
  /** Folders as the portal sees them. */
  readonly mounts: readonly { readonly source: string }[];
}

/** By name as in a pod's requests. */
type Size = Readonly<Record<string, number>>;

/** Whether it fits now, or has to wait, or never will. */
export function offerOf(wanted: Wanted, config: KubernetesConfig, around: Surroundings): Offer {
  const refused = neverFits(wanted, config, around) ?? quotaIsUsedUp(wanted, config, around);
  if (refused !== null) return refused;
  const free = freePlaces(wanted, config, around);
  return { fits: true, waitSeconds: free === 0 ? config.usualWaitSeconds : 0, free };
}

/** Why it will not be placed however long it waits; null: it may. */
export function neverFits(
  { kind, flavour, source, mounts }: Wanted,
  config: KubernetesConfig,
  { nodes, quotas, claims }: Surroundings,
): Refused | null {
  if (!kinds.includes(kind) || source.image === undefined)
    return no("environment-unavailable", `a ${kind} session of this environment has no image for a cluster`);
  for (const { source } of mounts) {
    const place = placeOf(config.claims, source);
    if (place === null) return no("data-unreachable", `no claim holds ${source}`);
    if (claims !== null && !claims.has(place.claim))
      return no("data-unreachable", `the namespace has no claim "${place.claim}"`);
  }
  const where = whereaboutsOf(config, flavour.name);
  const size = sizeOf(flavour, where);
  const tight = quotas?.find((quota) => !isWithin(asQuotasCount(size), hardOf(quota), unlimited));
  if (tight !== undefined) return no("too-large", `the quota "${tight.metadata.name}" allows less in all`);
  const fitting = nodes?.filter((node) => isOurs(node, where, isPassing)) ?? [];
  // Without any node of that kind: a cluster that grows may get one.
  if (fitting.length === 0 || fitting.some((node) => isWithin(size, allocatable(node), 0))) return null;
  return no("too-large", `a node has at most ${largestOf(fitting, size)}`);
}

function quotaIsUsedUp(
  { flavour }: Wanted,
  config: KubernetesConfig,
  { quotas }: Surroundings,
): Refused | null {
  const size = asQuotasCount(sizeOf(flavour, whereaboutsOf(config, flavour.name)));
  const full = quotas?.find((quota) => !isWithin(size, leftOf(quota), unlimited));
  return full === undefined
    ? null
    : no("no-capacity", `the namespace's quota "${full.metadata.name}" is used up`);
}

function freePlaces(
  { flavour }: Wanted,
  config: KubernetesConfig,
  { nodes, pods }: Surroundings,
): number | null {
  if (nodes === null || pods === null) return null;
  const where = whereaboutsOf(config, flavour.name);
  const size = sizeOf(flavour, where);
  const open = nodes.filter((node) => !node.spec.unschedulable && isOurs(node, where, () => false));
  return open.reduce((sum, node) => sum + placesOn(node, pods, size), 0);
}

function placesOn(node: Node, pods: readonly Pod[], size: Size): number {
  const there = pods.filter((pod) => pod.spec.nodeName === node.metadata.name);
  const left = there.map(requestsOf).reduce(minus, allocatable(node));
  const fits = Object.entries(size).map(([name, each]) => Math.floor((left[name] ?? 0) / each));
  return Math.max(0, Math.min(...fits));
}

/** Whether sessions may run there; `overlook`: taints that are no hindrance. */
function isOurs(node: Node, where: Whereabouts, overlook: (key: string) => boolean): boolean {
  const { labels } = node.metadata;
  if (Object.entries(where.nodeSelector).some(([name, value]) => labels[name] !== value)) return false;
  const hindering = node.spec.taints.filter(
    ({ key, effect }) => effect !== "PreferNoSchedule" && !overlook(key),
  );
  return hindering.every((taint) => where.tolerations.some((toleration) => tolerates(toleration, taint)));
}

/** The cluster's own marks of a node's condition come and go. */
function isPassing(key: string): boolean {
  return key.startsWith("node.kubernetes.io/");
}

/** https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
function tolerates(
  { key, operator, value = "", effect }: Whereabouts["tolerations"][number],
  taint: Node["spec"]["taints"][number],
): boolean {
  if (effect !== undefined && effect !== taint.effect) return false;
  if (operator === "Exists") return key === undefined || key === taint.key;
  return key === taint.key && value === taint.value;
}

function sizeOf({ cpus, memoryMiB, gpus }: Flavour, { gpuResource }: Whereabouts): Size {
  return { cpu: cpus, memory: memoryMiB * 2 ** 20, pods: 1, ...(gpus > 0 && { [gpuResource]: gpus }) };
}

function allocatable({ status }: Node): Size {
  return numbers(status.allocatable);
}

/** Init containers run before the others, but those that go on beside them count with them. */
function requestsOf({ spec }: Pod): Size {
  const lasting = spec.initContainers.filter((one) => one.restartPolicy === "Always");
  const all = [...spec.containers, ...lasting].map(({ resources }) => numbers(resources.requests));
  return all.reduce(plus, { pods: 1 });
}

/** Names of the same size in quotas: https://kubernetes.io/docs/concepts/policy/resource-quotas/ */
function asQuotasCount(size: Size): Size {
  const names = (name: string) => [name, `requests.${name}`, `limits.${name}`, `count/${name}`];
  return Object.fromEntries(
    Object.entries(size).flatMap(([name, value]) => names(name).map((one) => [one, value])),
  );
}

/** Nothing of a quota that counts some pods only: whether ours are among them cannot be told from it. */
function hardOf({ spec, status }: Quota): Size {
  return spec.scopes === undefined && spec.scopeSelector === undefined ? numbers(status.hard) : {};
}

function leftOf(quota: Quota): Size {
  const used = numbers(quota.status.used);
  return Object.fromEntries(
    Object.entries(hardOf(quota)).map(([name, hard]) => [name, hard - (used[name] ?? 0)]),
  );
}

function numbers(quantities: Readonly<Record<string, string>>): Size {
  return Object.fromEntries(Object.entries(quantities).map(([name, value]) => [name, quantity(value)]));
}

/** `otherwise`: the limit of what none is named for. */
function isWithin(size: Size, limits: Size, otherwise: number): boolean {
  return Object.entries(size).every(([name, value]) => value <= (limits[name] ?? otherwise));
}

function minus(from: Size, other: Size): Size {
  return plus(from, Object.fromEntries(Object.entries(other).map(([name, value]) => [name, -value])));
}

function plus(one: Size, other: Size): Size {
  const sums = Object.entries(other).map(([name, value]) => [name, (one[name] ?? 0) + value]);
  return { ...one, ...Object.fromEntries(sums) };
}

/** In the words of the cluster, memory in MiB. */
function largestOf(nodes: readonly Node[], size: Size): string {
  const most = (name: string) => Math.max(...nodes.map((node) => allocatable(node)[name] ?? 0));
  const asked = Object.keys(size).filter((name) => name !== "pods");
  return asked
    .map((name) => (name === "memory" ? `${Math.floor(most(name) / 2 ** 20)} MiB` : `${most(name)} ${name}`))
    .join(", ");
}

function no(code: Refused["code"], detail: string): Refused {
  return { fits: false, code, detail };
}
