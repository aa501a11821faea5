import { execFileSync } from "node:child_process";
import { accessSync, constants, lstatSync, readlinkSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { delimiter, join } from "node:path";

/** What the system's own part of a sandbox is made of on this machine. */
export type SystemPart =
  | { readonly path: string; readonly linkTo: string }
  | { readonly path: string; readonly linkTo: null };

/** Bubblewrap's path and whether a sandbox can be made with it; `why` is for the operator. */
export type SandboxProbe =
  | { readonly works: true; readonly path: string }
  | { readonly works: false; readonly why: string };

/** Makes a sandbox as sessions get it, once, with nothing in it. As root it is made for an unprivileged account. */
export function probeSandbox(system: readonly SystemPart[] = systemParts()): SandboxProbe {
  const path = onPath("bwrap");
  if (path === null) return { works: false, why: "bubblewrap is not installed: apt-get install bubblewrap" };
  const account = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const namespaces = [
    "--unshare-user",
    "--disable-userns",
    "--unshare-pid",
    "--unshare-net",
    "--proc",
    "/proc",
  ];
  try {
    execFileSync(path, [...namespaces, ...systemArguments(system), "--", "/usr/bin/true"], {
      ...account,
      cwd: "/",
      stdio: ["ignore", "ignore", "pipe"],
      timeout: 20_000,
    });
    return { works: true, path };
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? "").trim();
    return { works: false, why: `bubblewrap cannot make a sandbox: ${said || (error as Error).message}` };
  }
}

/** The machine's programs and libraries, as bubblewrap's arguments. */
export function systemArguments(system: readonly SystemPart[]): string[] {
  return system.flatMap(({ path, linkTo }) =>
    linkTo === null ? ["--ro-bind", path, path] : ["--symlink", linkTo, path],
  );
}

/** `/bin` and its like are links into `/usr` on merged systems and folders on others. */
export function systemParts(): SystemPart[] {
  return ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"].flatMap((path) => {
    try {
      return [{ path, linkTo: lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null }];
    } catch {
      return [];
    }
  });
}

/** What sessions may use together when the configuration does not say: a part is left for the portal itself. */
export function machineSize(): { readonly memoryMiB: number; readonly cpus: number } {
  const memoryMiB = Math.floor(totalmem() / 1024 / 1024);
  return { memoryMiB: memoryMiB - Math.max(512, Math.floor(memoryMiB / 8)), cpus: availableParallelism() };
}

function onPath(program: string): string | null {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder.startsWith("/"));
  for (const folder of new Set([...folders, "/usr/bin", "/usr/local/bin"])) {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return join(folder, program);
    } catch {}
  }
  return null;
}
