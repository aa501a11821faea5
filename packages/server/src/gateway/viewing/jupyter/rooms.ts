import type { Frame, Sends, Watching } from "../viewing.ts";
import { messageType, rawMessage, saveRequest, tellMeAll } from "./sync.ts";

const betweenAsksMs = 1_000;

/**
 * A shared document as a viewer has it: everything that is said in the room reaches her; of hers nothing reaches the room.
 * When she asks for the document, the room is asked by one constant message, at most once a second.
 */
export function watchRoom(path: string, now: () => number = () => performance.now()): Watching {
  let askedAt = Number.NEGATIVE_INFINITY;
  const ask = (): Sends => {
    if (now() - askedAt < betweenAsksMs) return {};
    askedAt = now();
    return { inside: [binary(tellMeAll)] };
  };
  return {
    inside: { path },
    fromInside: (frame) => ({ viewer: [frame] }),
    fromViewer: ({ data, isBinary }) => {
      if (!isBinary) return {};
      if (data[0] === messageType.sync) return data[1] === 0 ? ask() : {};
      return answeredHere(data);
    },
  };
}

/** A room that nobody else is in: its page goes on as if it were alone. */
export function emptyRoom(): Watching {
  return { inside: null, fromViewer: ({ data, isBinary }) => (isBinary ? answeredHere(data) : {}) };
}

/** Her own presence comes back to her, as the page expects it to know that the line is alive; saving is skipped. */
function answeredHere(data: Buffer): Sends {
  if (data[0] === messageType.awareness) return { viewer: [binary(data)] };
  const save = data[0] === messageType.raw ? saveRequest(data) : null;
  if (save === null) return {};
  return { viewer: [binary(rawMessage({ type: "save", responseTo: save, status: "skipped" }))] };
}

function binary(data: Buffer): Frame {
  return { data, isBinary: true };
}

/** A line on which nothing is ever said. */
export function silence(): Watching {
  return { inside: null, fromViewer: () => ({}) };
}
