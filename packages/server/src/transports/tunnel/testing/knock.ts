import { readdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Attempt } from "../index.ts";

/** A connection to the portal that a test makes by hand, as a launcher or as anybody. */
export interface Knock {
  readonly socket: Socket;
  /** The next line that the portal says; null when it has hung up. */
  line(): Promise<string | null>;
  hangUp(): void;
}

/** Through the folder's one socket. */
export function knock(folder: string): Knock {
  const [name] = readdirSync(folder).filter((one) => one.endsWith(".sock"));
  const socket = connect({ path: join(folder, name as string) });
  socket.on("error", () => {});
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  return {
    socket,
    line: async () => (await lines.next().catch(() => null))?.value ?? null,
    hangUp: () => socket.destroy(),
  };
}

export function helloOf(of: Attempt, key: string, purpose: string): string {
  return `${JSON.stringify({ v: 1, session: of.sessionId, attempt: of.attempt, key, for: purpose })}\n`;
}

/** Shows a key and answers what the portal says; the connection stays open. */
export async function show(folder: string, of: Attempt, key: string, purpose: string) {
  const knocked = knock(folder);
  knocked.socket.write(helloOf(of, key, purpose));
  const line = await knocked.line();
  const answer = line === null ? null : (JSON.parse(line) as { key?: string; refused?: string });
  return { ...knocked, answer };
}
