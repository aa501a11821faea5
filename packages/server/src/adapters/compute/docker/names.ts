import { createHash } from "node:crypto";
import { sessionIdPattern } from "@endstation/core";
import type { Attempt } from "../../../transports/tunnel/index.ts";

/** Labels of our containers. */
export const label = {
  session: "org.endstation.session",
  attempt: "org.endstation.attempt",
  provider: "org.endstation.provider",
  owner: "org.endstation.owner",
  /** Of an image: its environment's absolute path inside. */
  environment: "org.endstation.environment.path",
} as const;

/** Different for each provider of each portal, so that several on one engine do not meet. */
export function ownerOf(stateFolder: string): string {
  return createHash("sha256").update(stateFolder).digest("hex").slice(0, 12);
}

/** The provider's handle: the container's name, which the engine gives to one container at a time. */
export function handleOf(owner: string, { sessionId, attempt }: Attempt): string {
  return `endstation-${owner}-${sessionId}-${attempt}`;
}

/** Whose handle it is; null for what is none of this owner's (and could be a way out of a folder). */
export function attemptOf(owner: string, handle: string): Attempt | null {
  const prefix = `endstation-${owner}-`;
  const [, sessionId = "", attempt = ""] =
    /^(s-[a-z0-9]+)-([1-9]\d{0,8})$/.exec(handle.slice(prefix.length)) ?? [];
  if (!handle.startsWith(prefix) || !sessionIdPattern.test(sessionId)) return null;
  return { sessionId, attempt: Number(attempt) };
}

/** The parts of an image's name; null where it is not fixed by a digest. */
export function imageParts(image: string): { readonly name: string; readonly digest: string } | null {
  const [, name, digest] = /^([a-z0-9][a-z0-9._:/-]*)@(sha256:[0-9a-f]{64})$/i.exec(image) ?? [];
  return name === undefined || digest === undefined ? null : { name, digest };
}

/** The registry that an image's name begins with, by the rule of Docker's reference grammar. */
export function registryOf(name: string): string {
  const first = name.split("/")[0] ?? "";
  const isHost = name.includes("/") && (/[.:]/.test(first) || first === "localhost");
  return isHost ? first : "docker.io";
}
