import { randomBytes } from "node:crypto";
import { type LaunchSpec, Rejected, Unavailable } from "@endstation/core";
import { Refusal } from "./client.ts";
import { podOf, secretOf } from "./manifest.ts";
import { podName } from "./names.ts";
import { neverFits } from "./offers.ts";
import type { Pod } from "./schema.ts";
import { podNamed, type Site } from "./site.ts";
import { hasBegun, isOver } from "./status.ts";
import { withWords } from "./words.ts";

/**
 * The pod first, then its Secret, which names the pod as its owner: so no Secret is ever without one. Whoever is asked
 * again finds the pod and adds what is missing.
 */
export async function launch(site: Site, spec: LaunchSpec): Promise<string> {
  const refused = neverFits(spec, site.config, await site.surroundings.look());
  if (refused !== null) throw new Rejected(refused.code, refused.detail);
  if (spec.posix.uid === 0) throw new Rejected("launch-rejected", "a session cannot run as root in a pod");
  const ticket = await site.tunnels.ticket(spec, "network");
  try {
    const pod = await placed(site, spec);
    if (!isOver(pod) && !hasBegun(pod)) await equip(site, spec, pod, ticket);
  } catch (error) {
    throw error instanceof Refusal ? refusalOf(error) : error;
  }
  return podName(spec, site.owner);
}

/** Without its files it will never begin: where they are refused, the pod goes. */
async function equip(
  { cluster, launcherZip }: Site,
  spec: LaunchSpec,
  pod: Pod,
  ticket: string,
): Promise<void> {
  try {
    await cluster.createSecret(secretOf(spec, pod, { ticket, launcherZip }));
  } catch (error) {
    if (error instanceof Refusal && !isRightMissing(error)) await cluster.deletePod(pod.metadata);
    throw error;
  }
}

async function placed(site: Site, spec: LaunchSpec): Promise<Pod> {
  const { cluster, config, owner, name: provider } = site;
  const secretName = `${podName(spec, owner)}-${randomBytes(4).toString("hex")}`;
  const made = await cluster.createPod(podOf(spec, { config, owner, provider, secretName }));
  if (made !== null) return made;
  const there = await podNamed(site, podName(spec, owner), spec.sessionId);
  if (there === null) throw new Unavailable("a pod of that name is just going");
  return there;
}

/** What the API server refuses: https://kubernetes.io/docs/concepts/policy/resource-quotas/ says how it tells of a quota. */
function refusalOf(refusal: Refusal): Error {
  const { status, message } = refusal;
  if (status === 409 || isRightMissing(refusal)) return new Unavailable(message);
  if (status === 403 && message.includes("exceeded quota"))
    return new Rejected("no-capacity", withWords("the namespace's quota is used up", message));
  return new Rejected("launch-rejected", withWords("Kubernetes refuses it", message));
}

/** So an API server answers everybody, too, while it starts and does not know its roles yet. */
function isRightMissing({ status, message }: Refusal): boolean {
  return status === 403 && /cannot \w+ resource/.test(message);
}
