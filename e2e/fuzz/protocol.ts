import type { Way } from "../../packages/server/src/gateway/testing/shared-document.ts";

/** What a viewer says: a message of a WebSocket, or a request. */
export type Message = FrameMessage | RequestMessage;

export interface FrameMessage {
  readonly kind: "frame";
  readonly data: Buffer;
  readonly isBinary: boolean;
}

export interface RequestMessage {
  readonly kind: "request";
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** Who sends: a viewer, or (to show that these messages are dangerous) a member, whose bytes are piped. */
export type Sender = "viewer" | "member";

/** One way of talking to a session. To add one: a file in `protocols/`, and its line in `fuzz.test.ts`. */
export interface Protocol {
  readonly name: string;
  /** Real messages of somebody who changes things by this protocol: they are sent as they are, and mutated. */
  readonly recorded: (stage: Stage) => Promise<readonly Message[]>;
  /** A line on which messages are sent until it is closed; it opens itself again where the other end closes it. */
  readonly line: (stage: Stage, sender: Sender) => Promise<Line>;
}

export interface Line {
  send(message: Message): Promise<void>;
  /** Whether the other end takes nothing any more. */
  isOver(): boolean;
  close(): Promise<void>;
}

/** A real session with an owner in it, and what it is made of at one moment. */
export interface Stage {
  /** Everything that must not change, in a form that is easily compared. */
  state(): Promise<State>;
  /** The owner changes the document, and it arrives with a viewer. @throws when it does not within a minute. */
  ownerEdits(text: string): Promise<void>;
  /** What protocols need to reach it. */
  readonly reach: Reach;
}

export interface State {
  /** Path below the home → SHA-256. */
  readonly files: Readonly<Record<string, string>>;
  /** Name → value, as the kernel has it. */
  readonly variables: string;
  /** The shared document, item by item. */
  readonly document: string;
  /** Command lines of everything that runs in it. */
  readonly processes: readonly string[];
}

export interface Reach {
  readonly port: number;
  /** Host, origin and cookie of each way in. */
  readonly ways: Readonly<Record<Sender, Way>>;
  /** The kernel's address by way in: a viewer is given another name for it. */
  readonly kernels: Readonly<Record<Sender, string>>;
  /** Path and query of the document's room. */
  readonly room: string;
}
