import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { softwareFolderOf } from "../../bootstrap/folders.mjs";
import { buildEnvironments } from "../../environments/build.mjs";
import { baseLayer, debianCommand, foldersAbove, plainTar, step, tagOf, workFolder } from "./layers.ts";
import { Registry } from "./oci.ts";

/**
 * `environments.ts REGISTRY ENVIRONMENT…`: puts an image of each environment into a registry, and one that is tiny. Built is
 * only what is not there yet. Prints how engines find them: `{"images":{"nexus":"…@sha256:…"},"tiny":"…","pause":"…"}`.
 */
const [address = "", ...names] = process.argv.slice(2);
const registry = new Registry(address);

const built = await buildEnvironments({
  softwareFolder: softwareFolderOf(),
  names,
  onProgress: ({ name, step, done }) => done || console.error(`… ${name}: ${step}`),
});
const images: Record<string, string> = {};
for (const name of names) images[name] = await environmentImage(name, built[name]?.path ?? "");
console.log(JSON.stringify({ images, ...(await tinyImages()) }));

/** The environment at its own path, where its scripts expect it, on a Debian with the Python that it was built with. */
async function environmentImage(name: string, path: string): Promise<string> {
  const base = baseCommand(path);
  const repository = `endstation/${name}`;
  const tag = `${basename(path)}-${tagOf(base.join(" ") + readFileSync(import.meta.filename, "utf8"))}`;
  const found = await registry.find(repository, tag);
  if (found !== null) return found;
  const below = await baseLayer(registry, base);
  const config = {
    Env: ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"],
    Labels: { "org.endstation.environment.path": path },
  };
  return step(`Image of ${basename(path)}`, async () => {
    const above = await registry.pushLayer(repository, folderCommand(path));
    return registry.pushImage(repository, tag, [below, above], config);
  });
}

/** What wheels expect of a Linux (PEP 600), and this Debian's own Python. */
function baseCommand(environment: string): string[] {
  const output = (program: string, ...words: string[]) =>
    execFileSync(program, words, { encoding: "utf8" }).trim();
  const python = readlinkSync(join(environment, "bin", "python"));
  const owners = [python, realpathSync(python)].map((file) => {
    try {
      return (
        output("dpkg", "-S", file)
          .split(":")[0]
          ?.replace(/-minimal$/, "") ?? ""
      );
    } catch {
      throw new Error(
        `${environment} was built with ${file}, which is not of Debian; images are made of that alone`,
      );
    }
  });
  return debianCommand([...owners, "libstdc++6"]);
}

/**
 * The folders above it come along: engines make missing ones so that only root may enter. A link from a path that is the
 * same in all images is for engines whose clients cannot read labels.
 */
function folderCommand(path: string): string[] {
  const inside = path.slice(1);
  const link = "opt/endstation/environment";
  const above = [...foldersAbove(inside), "opt", "opt/endstation", link];
  const shell = join(workFolder, basename(path));
  for (const folder of [inside, link].map(dirname))
    mkdirSync(join(shell, folder), { recursive: true, mode: 0o755 });
  symlinkSync(path, join(shell, link));
  return [...plainTar, "-C", shell, "--no-recursion", ...above, "-C", "/", "--recursion", inside];
}

/** One program with many names; and the same as what holds a pod's namespaces, where nobody else does. */
async function tinyImages(): Promise<{ tiny: string; pause: string }> {
  const folder = join(workFolder, "tiny");
  for (const name of ["bin", "dev", "etc", "home", "proc", "run", "sys", "tmp", "var"])
    mkdirSync(join(folder, name), { recursive: true });
  chmodSync(join(folder, "tmp"), 0o1777);
  copyFileSync("/bin/busybox", join(folder, "bin", "busybox"));
  const applets = execFileSync("/bin/busybox", ["--list"], { encoding: "utf8" }).trim().split("\n");
  for (const applet of applets) if (applet !== "busybox") symlinkSync("busybox", join(folder, "bin", applet));
  const command = [...plainTar, "--mtime=@0", "-C", folder, "."];
  const layer = await registry.pushLayer("endstation/tiny", command);
  const image = (name: string, config: object) =>
    registry.pushImage(`endstation/${name}`, "1", [layer], { Env: ["PATH=/bin"], ...config });
  return {
    tiny: await image("tiny", { Cmd: ["/bin/sh"] }),
    pause: await image("pause", { Entrypoint: ["/bin/sleep", "infinity"] }),
  };
}
