import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const complete = ["index.ts", "config.ts", "README.md", "contract.test.ts"];

/** Adapter folders that are not registered, registered names without a folder, and folders that lack a part. */
export function adapterFaults(root: string): string[] {
  const families = foldersOf(join(root, "packages/server/src/adapters"));
  return families.flatMap((family) => familyFaults(root, family));
}

function familyFaults(root: string, family: string): string[] {
  const folder = join(root, "packages/server/src/adapters", family);
  const registryFile = join(folder, "registry.ts");
  if (!existsSync(registryFile)) return [`adapters/${family}: has no registry.ts`];
  const registry = readFileSync(registryFile, "utf8");
  const registered = new Set(
    [...registry.matchAll(/["']\.\/([\w-]+)\/index\.ts["']/g)].map((match) => match[1] as string),
  );
  const folders = foldersOf(folder);
  return [
    ...folders
      .filter((name) => !registered.has(name))
      .map((name) => `adapters/${family}/${name}: is not in registry.ts`),
    ...[...registered]
      .filter((name) => !folders.includes(name))
      .map((name) => `adapters/${family}/registry.ts: there is no folder ${name}`),
    ...folders.flatMap((name) =>
      complete
        .filter((part) => !existsSync(join(folder, name, part)))
        .map((part) => `adapters/${family}/${name}: lacks ${part}`),
    ),
  ];
}

function foldersOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => statSync(join(folder, name)).isDirectory())
    .sort();
}
