import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { join, posix as paths } from "node:path";
import type { LaunchSpec } from "@endstation/core";
import { accountsInside } from "../../../transports/inside.ts";
import type { AccountInside } from "./accounts.ts";
import { type Order, sessionInside } from "./container.ts";

export interface SessionFiles {
  readonly document: LaunchSpec["document"];
  /** Who it is inside. */
  readonly account: AccountInside;
  /** The text of `tunnel.json`. */
  readonly ticket: string;
}

/** A session's folder: what it finds as `/run/session` and in `/etc`, and what the portal must know to start it. */
export async function writeFiles(
  folder: string,
  order: Order,
  { document, account, ticket }: SessionFiles,
): Promise<void> {
  const session = join(folder, "session");
  const etc = join(folder, "etc");
  await makeFolder(folder, 0o711);
  await makeFolder(session, 0o755);
  await makeFolder(etc, 0o755);
  // What is mounted below another mount needs a folder there.
  const below = paths.relative(sessionInside, order.tunnelInside);
  if (!below.startsWith("..")) await makeFolder(join(session, below), 0o755);
  await writeFor(order.posix, join(session, "spec.json"), json(document));
  await writeFor(order.posix, join(session, "datasets.json"), json(document.datasets));
  await writeFor(order.posix, join(session, "tunnel.json"), ticket);
  for (const [name, text] of Object.entries(accountsInside(account, document.owner.name)))
    await write(join(etc, name), text, 0o444);
  await write(join(folder, "order.json"), JSON.stringify(order), 0o600);
}

async function makeFolder(path: string, mode: number): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, mode);
}

/** Whatever the process's umask is. */
async function write(path: string, text: string, mode: number): Promise<void> {
  await writeFile(path, text, { mode: 0o600, flag: "wx" });
  await chmod(path, mode);
}

/** For the session's account alone. */
async function writeFor({ uid, gid }: Order["posix"], path: string, text: string): Promise<void> {
  await write(path, text, 0o400);
  if (process.getuid?.() === 0) await chown(path, uid, gid);
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
