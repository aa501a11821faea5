import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { SshHost } from "../ssh.ts";

const program = "/usr/sbin/sshd";

/** Why there can be none; null: there can. */
export function whyNoSshd(): string | null {
  if (process.getuid?.() !== 0) return "OpenSSH's server lets other accounts in only as root";
  return existsSync(program) ? null : "Debian's openssh-server is not installed";
}

export interface Sshd extends Omit<SshHost, "controlFolder"> {
  /** Lets nobody in any more, and cuts who is. */
  stop(): Promise<void>;
}

/** A real OpenSSH server on a loopback port of its own, with keys of its own: lets these accounts in, and nobody else. */
export async function startSshd(accounts: readonly string[]): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), "est-sshd-"));
  chmodSync(folder, 0o711);
  mkdirSync("/run/sshd", { recursive: true });
  for (const key of ["host", "user"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, key)]);
  const port = await freePort();
  writeFileSync(join(folder, "config"), settings(folder, port, accounts));
  const hostKey = execFileSync("ssh-keygen", ["-y", "-f", join(folder, "host")], { encoding: "utf8" });
  writeFileSync(join(folder, "known"), `[127.0.0.1]:${port} ${hostKey}`);
  const server = spawn(program, ["-D", "-e", "-f", join(folder, "config")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  server.stderr.setEncoding("utf8");
  for await (const line of server.stderr.iterator({ destroyOnReturn: false }))
    if (String(line).includes("listening")) break;
  server.stderr.resume();
  return {
    host: "127.0.0.1",
    port,
    identityFile: join(folder, "user"),
    knownHostsFile: join(folder, "known"),
    stop: async () => {
      const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, "utf8").split(" ");
      server.kill("SIGKILL");
      for (const child of children.filter(Boolean)) process.kill(Number(child), "SIGKILL");
      await once(server, "exit");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function settings(folder: string, port: number, accounts: readonly string[]): string {
  return `ListenAddress 127.0.0.1:${port}
HostKey ${folder}/host
AuthorizedKeysFile ${folder}/user.pub
PidFile none
StrictModes no
UsePAM yes
AuthenticationMethods publickey
PermitRootLogin prohibit-password
AllowUsers ${accounts.join(" ")}
MaxSessions 100
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await sleep(0);
  return port;
}
