import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { softwareFolderOf } from "../../bootstrap/folders.mjs";
import { buildEnvironments } from "../../environments/build.mjs";
import { type Layer, Registry } from "./oci.ts";

/**
 * `images.ts REGISTRY ENVIRONMENT…`: puts an image of each environment into a registry, and one that is tiny. Built is
 * only what is not there yet. Prints how engines find them: `{"images":{"nexus":"…@sha256:…"},"tiny":"…","pause":"…"}`.
 */
const [address = "", ...names] = process.argv.slice(2);
const registry = new Registry(address);
const plainTar = ["tar", "--create", "--sort=name", "--numeric-owner", "--owner=0", "--group=0"];
const workFolder = mkdtempSync(join(tmpdir(), "endstation-images-"));
process.on("exit", () => rmSync(workFolder, { recursive: true, force: true }));

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
  const baseTag = tagOf(base.join(" "));
  const repository = `endstation/${name}`;
  const tag = `${basename(path)}-${tagOf(baseTag + readFileSync(import.meta.filename, "utf8"))}`;
  const found = await registry.find(repository, tag);
  if (found !== null) return found;
  const below = await baseLayer(baseTag, base);
  const config = {
    Env: ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"],
    Labels: { "org.endstation.environment.path": path },
  };
  return step(`Image of ${basename(path)}`, async () => {
    const above = await registry.pushLayer(repository, folderCommand(path));
    return registry.pushImage(repository, tag, [below, above], config);
  });
}

/** Another way to make it is another image. */
function tagOf(recipe: string): string {
  return createHash("sha256").update(recipe).digest("hex").slice(0, 12);
}

async function baseLayer(tag: string, command: readonly string[]): Promise<Layer> {
  const repository = "endstation/base";
  if ((await registry.find(repository, tag)) === null)
    await step("Base of the images", async () => {
      const layer = await registry.pushLayer(repository, command);
      await registry.pushImage(repository, tag, [layer], {});
    });
  return (await registry.layersOf(repository, tag))[0] as Layer;
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
  const suite = output("sh", "-c", ". /etc/os-release; echo $VERSION_CODENAME");
  const without = ["doc", "man", "locale", "info"].map((folder) => `path-exclude=/usr/share/${folder}/*`);
  return [
    ...["mmdebstrap", "--quiet", "--variant=essential", `--include=${[...owners, "libstdc++6"].join(",")}`],
    ...without.map((option) => `--dpkgopt=${option}`),
    '--customize-hook=rm -r "$1/root" "$1/var/log"',
    ...[suite, "-"],
  ];
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

function foldersAbove(path: string): string[] {
  const above = dirname(path);
  return above === "." ? [] : [...foldersAbove(above), above];
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

async function step<T>(text: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  console.error(`… ${text}`);
  const result = await work();
  console.error(`✔ ${text} (${Math.round((performance.now() - start) / 1000)} s)`);
  return result;
}
