import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { EndstationError } from "@endstation/core";
import { type Config, demandDevelopment } from "../config/index.ts";
import type { Outcome } from "./progress.ts";
import { run, tail } from "./run.ts";

/** How sessions on this machine are kept apart. */
export type Isolation = "sandbox" | "none";

/** What can be done about a sandbox on this machine. */
export interface Machine {
  /** Makes a sandbox with nothing in it; null when that works, else why it does not. */
  trySandbox(): Promise<string | null>;
  isInstalled(): boolean;
  /** The command that installs bubblewrap, for a person to type. */
  readonly command: string;
  /** Installs it; null where that is not ours to do. */
  readonly install: (() => Promise<string | null>) | null;
}

/**
 * Finds out whether sessions can be kept apart, installing bubblewrap where that is possible and allowed.
 * @throws `sandbox-unavailable` where the configuration demands a sandbox; `development-only` where real users would be
 * served without.
 */
export async function ensureIsolation(
  config: Config,
  tell: (detail: string) => void,
  machine: Machine = thisMachine,
): Promise<Outcome<Isolation>> {
  const local = config.compute.filter((one) => one.type === "local");
  if (local.length === 0) return { value: "none", detail: "no sessions on this machine", skipped: true };
  if (local.some((one) => one.isolation === "none")) {
    demandDevelopment(config, "isolation none");
    return { value: "none", detail: `${warning} (as configured)` };
  }
  const why = await whyNoSandbox(config, tell, machine);
  if (why === null) return { value: "sandbox" };
  return without(config, why);
}

const warning = "WARNING: sessions are not isolated from each other nor from this machine";

async function whyNoSandbox(
  config: Config,
  tell: (detail: string) => void,
  machine: Machine,
): Promise<string | null> {
  if (!machine.isInstalled()) {
    const missing = `bubblewrap is not installed; install it with: ${machine.command}`;
    if (!config.install || machine.install === null) return missing;
    tell(`installing the system package bubblewrap (${machine.command}; --no-install refuses it)`);
    const fault = await machine.install();
    if (fault !== null) return `bubblewrap could not be installed with ${machine.command}: ${fault}`;
  }
  return machine.trySandbox();
}

function without(config: Config, why: string): Outcome<Isolation> {
  const demanded = config.compute.some((one) => one.type === "local" && one.isolation === "sandbox");
  if (demanded) throw new EndstationError("sandbox-unavailable", why);
  try {
    demandDevelopment(config, "sessions without isolation");
  } catch (cause) {
    const detail = `${why}. ${(cause as EndstationError).detail}`;
    throw new EndstationError("sandbox-unavailable", detail, { cause });
  }
  return { value: "none", detail: `${warning}: ${why}` };
}

const hasProgram = (name: string) =>
  [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin", "/usr/local/bin"].some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return folder.startsWith("/");
    } catch {
      return false;
    }
  });

const sudo = process.getuid?.() === 0 ? "" : "sudo ";
const packageManager = ["apt-get", "dnf", "zypper", "apk"].find(hasProgram) ?? null;

const thisMachine: Machine = {
  isInstalled: () => hasProgram("bwrap"),
  command:
    packageManager === null
      ? "the system's package manager (package bubblewrap)"
      : `${sudo}${packageManager} ${packageManager === "apk" ? "add" : "install"} bubblewrap`,
  install: process.getuid?.() === 0 && packageManager === "apt-get" ? installByApt : null,
  trySandbox,
};

/** As sessions get it: as root for another user, and with namespaces of its own. */
async function trySandbox(): Promise<string | null> {
  const as = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const namespaces = ["--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc"];
  const words = [...namespaces, "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--", "/bin/true"];
  const { code, output } = await run("bwrap", words, { cwd: "/", ...as });
  if (code === 0) return null;
  return `bubblewrap is installed and cannot make a sandbox (${tail(output, 2)}); ${hint}`;
}

const hint =
  "unprivileged user namespaces may be switched off here: " +
  "sysctl kernel.unprivileged_userns_clone=1 (Debian), kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu)";

/** With the lists of packages that are there; if that fails, once more with new ones. */
async function installByApt(): Promise<string | null> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = () =>
    run("apt-get", ["install", "-y", "-q", "--no-install-recommends", "bubblewrap"], { env });
  if ((await install()).code === 0) return null;
  await run("apt-get", ["update", "-q"], { env });
  const { code, output } = await install();
  return code === 0 ? null : tail(output, 3);
}
