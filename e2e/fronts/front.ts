import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { root } from "../support/documented.ts";
import { freePort } from "../support/portal.ts";
import { until } from "../support/until.ts";
import type { Certificate } from "./certificate.ts";
import { type FrontName, programOf } from "./programs.ts";

export const page = "docs/deploy/behind-a-proxy.md";

/** A proxy in front of the portal, as the page says to set it up. */
export interface RunningFront {
  readonly port: number;
  close(): Promise<void>;
}

interface Setup {
  /** Which blocks of the page are its files, by the name in their first line. */
  readonly files: readonly string[];
  words(folder: string): string[];
  /** What names places of an installed system besides ports and certificates. */
  adapt?(text: string, folder: string): string;
}

const setups: Readonly<Record<FrontName, Setup>> = {
  nginx: {
    files: ["nginx.conf"],
    words: (folder) => [
      ...["-p", folder, "-c", join(folder, "nginx.conf"), "-e", join(folder, "log")],
      ...["-g", `daemon off; pid ${join(folder, "pid")};`],
    ],
    adapt: (text, folder) => {
      const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
      const paths = kinds.map((kind) => `${kind}_temp_path ${folder}/tmp;`).join(" ");
      return text.replace("http {", `http { access_log off; ${paths}`);
    },
  },
  caddy: {
    files: ["Caddyfile"],
    words: (folder) => ["run", "--adapter", "caddyfile", "--config", join(folder, "Caddyfile")],
    adapt: (text) => text,
  },
  traefik: {
    files: ["traefik.yml", "endstation.yml"],
    words: (folder) => [`--configFile=${join(folder, "traefik.yml")}`],
    adapt: (text, folder) => text.replace("/etc/traefik/", `${folder}/`),
  },
};

/** Runs the real program with the page's own files; only ports and paths are others. */
export async function startFront(
  name: FrontName,
  folder: string,
  portalPort: number,
  { key, chain }: Certificate,
): Promise<RunningFront> {
  const { files, words, adapt = (text) => text } = setups[name];
  await mkdir(join(folder, "tmp"), { recursive: true });
  for (const open of [folder, join(folder, "tmp")]) await chmod(open, 0o777);
  const [port, plainPort] = [await freePort(), await freePort()];
  const text = await readFile(join(root, page), "utf8");
  for (const file of files) {
    const changed = adapt(blockOf(text, file), folder)
      .replaceAll("/etc/endstation/tls/cert.pem", chain)
      .replaceAll("/etc/endstation/tls/key.pem", key)
      .replaceAll("127.0.0.1:8080", `127.0.0.1:${portalPort}`);
    await writeFile(join(folder, file), onPorts(name, changed, port, plainPort));
  }
  return run(name, words(folder), folder, port);
}

/** The block whose first line says that it is this file. */
function blockOf(text: string, file: string): string {
  const blocks = [...text.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block);
  const found = blocks.find((block) => new RegExp(`^# ${file.replace(".", "\\.")}\\b`).test(block));
  if (found === undefined) throw new Error(`${page} has no block for ${file}`);
  return found;
}

function onPorts(name: FrontName, text: string, port: number, plainPort: number): string {
  if (name === "nginx")
    return text
      .replaceAll("listen 443", `listen 127.0.0.1:${port}`)
      .replaceAll("listen 80;", `listen 127.0.0.1:${plainPort};`);
  if (name === "traefik")
    return text.replace('":443"', `"127.0.0.1:${port}"`).replace('":80"', `"127.0.0.1:${plainPort}"`);
  return text.replace("{\n", `{\n\thttps_port ${port}\n\thttp_port ${plainPort}\n\tdefault_bind 127.0.0.1\n`);
}

async function run(name: FrontName, words: string[], folder: string, port: number): Promise<RunningFront> {
  const program = programOf(name);
  if (program === null) throw new Error(`${name} is not there`);
  const env = { PATH: "/usr/bin:/bin", HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const child = spawn(program, words, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => {
      said += text;
    });
  const ended = once(child, "exit");
  await until(`${name} to listen`, async () => {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}: ${said}`);
    return listens(port);
  });
  const close = async () => {
    child.kill("SIGTERM");
    const slow = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(slow);
  };
  return { port, close };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true));
    socket.on("error", () => resolve(false)).on("connect", () => socket.destroy());
  });
}
