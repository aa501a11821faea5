import assert from "node:assert/strict";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { until } from "../../gateway/testing/browser.ts";

/** Which of these processes holds the other end of a connection to a loopback port; null: none of them yet, or no more. */
export function holderOf(
  pids: readonly number[],
  socket: Pick<Socket, "localPort" | "remotePort">,
): number | null {
  const inode = inodeOf(socket.remotePort ?? 0, socket.localPort ?? 0);
  return inode === null ? null : (pids.find((pid) => holds(pid, inode)) ?? null);
}

/** The kernel's number of the socket with these ports. */
function inodeOf(own: number, remote: number): string | null {
  const lines = readFileSync("/proc/net/tcp", "utf8").split("\n").slice(1);
  const found = lines
    .map((line) => line.trim().split(/\s+/))
    .find((words) => words[1]?.endsWith(hex(own)) && words[2]?.endsWith(hex(remote)));
  return found?.[9] ?? null;
}

function hex(port: number): string {
  return `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
}

function holds(pid: number, inode: string): boolean {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((name) => linkOf(`${folder}/${name}`) === `socket:[${inode}]`);
  } catch {
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

/** A connection to each of the processes. */
export async function connectToEach(port: number, pids: readonly number[]): Promise<Map<number, Socket>> {
  const found = new Map<number, Socket>();
  for (let tries = 0; found.size < pids.length; tries += 1) {
    assert.ok(tries < 100, "connections go to some of the workers only");
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("connect", resolve));
    let holder: number | null = null;
    await until(() => {
      holder = holderOf(pids, socket);
      return holder !== null;
    });
    if (found.has(holder ?? 0)) socket.destroy();
    else found.set(holder ?? 0, socket);
  }
  return found;
}
