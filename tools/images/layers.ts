import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Layer, Registry } from "./oci.ts";

/** Writes a tar, whose owner is root whoever has the files here. */
export const plainTar = ["tar", "--create", "--sort=name", "--numeric-owner", "--owner=0", "--group=0"];

/** For what is put together, until this process ends. */
export const workFolder = mkdtempSync(join(tmpdir(), "endstation-images-"));
process.on("exit", () => rmSync(workFolder, { recursive: true, force: true }));

/** Another way to make it is another image. */
export function tagOf(recipe: string): string {
  return createHash("sha256").update(recipe).digest("hex").slice(0, 12);
}

/** Writes a Debian of this machine's release with little more than these packages, as a tar. */
export function debianCommand(packages: readonly string[]): string[] {
  const suite = execFileSync("sh", ["-c", ". /etc/os-release; echo $VERSION_CODENAME"], { encoding: "utf8" });
  const without = ["doc", "man", "locale", "info"].map((folder) => `path-exclude=/usr/share/${folder}/*`);
  return [
    ...["mmdebstrap", "--quiet", "--variant=essential", `--include=${packages.join(",")}`],
    ...without.map((option) => `--dpkgopt=${option}`),
    '--customize-hook=rm -r "$1/root" "$1/var/log"',
    ...[suite.trim(), "-"],
  ];
}

/** The lowest layer of images, as this command writes it. */
export function baseLayer(registry: Registry, command: readonly string[]): Promise<Layer> {
  return sharedLayer(registry, "endstation/base", command.join(" "), () => command);
}

/** A layer for many images, made once for each recipe: `make` lays its files out and says what writes them as a tar. */
export async function sharedLayer(
  registry: Registry,
  repository: string,
  recipe: string,
  make: () => readonly string[],
): Promise<Layer> {
  const tag = tagOf(recipe);
  if ((await registry.find(repository, tag)) === null)
    await step(`Layer ${repository}`, async () => {
      const layer = await registry.pushLayer(repository, make());
      await registry.pushImage(repository, tag, [layer], {});
    });
  return (await registry.layersOf(repository, tag))[0] as Layer;
}

/** `a/b/c` → `a`, `a/b` */
export function foldersAbove(path: string): string[] {
  const above = dirname(path);
  return above === "." ? [] : [...foldersAbove(above), above];
}

/** Tells of work that takes a while. */
export async function step<T>(text: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  console.error(`… ${text}`);
  const result = await work();
  console.error(`✔ ${text} (${Math.round((performance.now() - start) / 1000)} s)`);
  return result;
}
