import type { Decision, Session } from "@endstation/core";
import type { Answer } from "../answers.ts";
import type { Asked } from "../rules.ts";
import type { Inside } from "./inside.ts";

/** Somebody looks on: what she asks for, of which session, and how the rule itself may ask the session's server. */
export interface Look {
  readonly asked: Asked;
  readonly session: Session;
  /** The viewer's account. */
  readonly account: string;
  /** Where the way back to the portal leads. */
  readonly portalOrigin: string;
  readonly inside: Inside;
  ownerName(): Promise<string>;
  /** The start of the request's body, for a rule that answers by it itself; null when it is longer than a rule may read. */
  body(): Promise<string | null>;
}

/**
 * What a kind of endpoint shows to viewers. The law: **nothing that a viewer wrote reaches the session.** A rule names what
 * is passed on, answered here or refused; what reaches the session is made by the rule itself.
 */
export interface Viewing {
  request(look: Look): Promise<Ruling>;
  upgrade(look: Look): Promise<UpgradeRuling>;
}

export type Ruling =
  /** Asked of the session's server in our words, the answer streamed to her as it is. */
  | { readonly does: "pass"; readonly path: string }
  | { readonly does: "answer"; readonly answer: Answer }
  | Refusing;

export type UpgradeRuling = { readonly does: "watch"; readonly watching: Watching } | Refusing;

export interface Refusing {
  readonly does: "refuse";
  readonly refusal: Decision & { readonly allowed: false };
}

/** One message of a WebSocket. */
export interface Frame {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

/** What goes out after something came in. What goes `inside` is the rule's own making, never a viewer's bytes. */
export interface Sends {
  readonly viewer?: readonly Frame[];
  readonly inside?: readonly Frame[];
}

/** A WebSocket of a viewer's, looked at message by message; one object for each. */
export interface Watching {
  /** The session's end of it; null: the gateway itself is the other end. */
  readonly inside: { readonly path: string; readonly protocol?: string } | null;
  /** The subprotocol that is agreed with the viewer. */
  readonly protocol?: string;
  /** Once both ends are open. */
  opened?(): Sends;
  fromViewer(frame: Frame): Sends;
  fromInside?(frame: Frame): Sends;
}

export function refusing(refusal: Decision & { readonly allowed: false }): Refusing {
  return { does: "refuse", refusal };
}
