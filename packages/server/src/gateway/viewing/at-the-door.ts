import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { refuse } from "@endstation/core";
import type { Admission, Denial } from "../authorize.ts";
import { type Passage, unreachable } from "../passage.ts";
import type { Asked } from "../rules.ts";
import { send } from "../sending.ts";
import { insideOf, textOf } from "./inside.ts";
import { viewings } from "./kinds.ts";
import { pass } from "./pass.ts";
import type { Look, Viewing } from "./viewing.ts";
import { watch } from "./watch.ts";

/** A viewer's request or upgrade that was admitted. */
export interface LookRequest {
  readonly admission: Admission & { readonly allowed: true };
  readonly asked: Asked;
  readonly request: IncomingMessage;
  readonly passage: Passage;
  readonly portalOrigin: string;
  /** A person's name by her account. */
  nameOf(account: string): Promise<string>;
  refuseWith(denial: Omit<Denial, "allowed">): void;
}

const viewerPattern = /^viewer:(.*)$/s;
/** More than any body that a rule reads. */
const mostBody = 64 * 1024;

/** Whether this way in is a viewer's. Whatever is neither hers nor the session's own is taken for hers. */
export function isLookingOn({ route }: Admission & { readonly allowed: true }): boolean {
  return route.role !== "session";
}

export async function lookByRequest(one: LookRequest, response: ServerResponse): Promise<void> {
  const viewing = viewingFor(one);
  if (viewing === null) return one.refuseWith(notPossible(one));
  const closed = one.passage.opened(() => {
    response.destroy();
    one.request.socket.destroy();
  });
  response.once("close", closed);
  try {
    const ruling = await viewing.request(lookOf(one));
    if (ruling.does === "refuse")
      return one.refuseWith({ ...ruling.refusal, session: one.admission.session });
    if (ruling.does === "answer") return send(response, ruling.answer);
    await pass(one.passage, one.asked, ruling.path, response);
  } catch (error) {
    one.passage.failed(error as Error);
    if (response.headersSent) response.destroy();
    else one.refuseWith({ ...unreachable, session: one.admission.session });
  }
}

export async function lookByUpgrade(
  one: LookRequest,
  dial: () => Promise<Duplex>,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const viewing = viewingFor(one);
  if (viewing === null) return one.refuseWith(notPossible(one));
  socket.once(
    "close",
    one.passage.opened(() => socket.destroy()),
  );
  try {
    const ruling = await viewing.upgrade(lookOf(one));
    if (ruling.does === "refuse")
      return one.refuseWith({ ...ruling.refusal, session: one.admission.session });
    await watch({ watching: ruling.watching, dial, request: one.request, socket, head });
  } catch (error) {
    one.passage.failed(error as Error);
    if (!socket.destroyed) one.refuseWith({ ...unreachable, session: one.admission.session });
  }
}

function viewingFor({ admission: { route } }: LookRequest): Viewing | null {
  return viewerPattern.test(route.role) ? (viewings[route.endpoint] ?? null) : null;
}

function notPossible({ admission: { route, session } }: LookRequest): Omit<Denial, "allowed"> {
  return { ...refuse("not-allowed", `looking on is not possible for "${route.endpoint}"`), session };
}

function lookOf({ admission, asked, request, passage, portalOrigin, nameOf }: LookRequest): Look {
  const { route, session } = admission;
  return {
    ...{ asked, session, portalOrigin },
    account: viewerPattern.exec(route.role)?.[1] ?? "",
    inside: insideOf(passage.upstream),
    ownerName: () => nameOf(session.owner),
    body: () => textOf(request, mostBody),
  };
}
