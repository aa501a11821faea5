import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type CgroupSite, findCgroups } from "./cgroups.ts";
import type { LocalOptions } from "./config.ts";
import { type Folders, makeFolders } from "./folders.ts";
import { machineSize, probeSandbox, type SystemPart, systemParts } from "./machine.ts";
import type { Capacity } from "./offers.ts";
import { PreparedProcesses } from "./prepared.ts";

/** What the provider found when it was made; constant from then on. */
export interface Site {
  readonly options: LocalOptions;
  readonly folders: Folders;
  readonly capacity: Capacity;
  readonly root: boolean;
  readonly system: readonly SystemPart[];
  readonly cgroups: CgroupSite;
  /** Path of bubblewrap; null: sessions are not isolated. */
  readonly bwrap: string | null;
  /** Why no session can be started here; null when all is well. */
  readonly unusable: string | null;
  /** The launcher's files by path below its folder. */
  readonly launcher: Readonly<Record<string, string>>;
  readonly prepared: PreparedProcesses;
}

export const hostFolder: string = join(import.meta.dirname, "host");

/** @throws config-invalid where its folders cannot be had safely. */
export function findSite(options: LocalOptions): Site {
  const folders = makeFolders(options.stateFolder, options.runFolder);
  const machine = machineSize();
  const root = process.getuid?.() === 0;
  const system = systemParts();
  const probe = options.isolation === "none" ? null : probeSandbox(system);
  const bwrap = probe?.works === true ? probe.path : null;
  return {
    options,
    folders,
    capacity: {
      memoryMiB: options.maxMemoryMiB ?? machine.memoryMiB,
      cpus: options.maxCpus ?? machine.cpus,
      cpuOvercommit: options.cpuOvercommit,
    },
    root,
    system,
    cgroups: findCgroups(`endstation-${folders.digest}`),
    bwrap,
    unusable: options.isolation === "sandbox" && probe?.works === false ? probe.why : null,
    launcher: launcherFiles(options.launcherFolder),
    prepared: new PreparedProcesses({
      runFolder: folders.run,
      logFile: join(options.stateFolder, "prepared.log"),
      launcherFolder: options.launcherFolder,
      hostFolder,
      bwrap: bwrap ?? "",
      system,
      root,
      most: bwrap === null ? 0 : options.prepared,
    }),
  };
}

function launcherFiles(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /^(__main__|endstation(_session)?(\/\w+)+)\.py$/.test(name))
    .filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}
