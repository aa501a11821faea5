import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { childEnvironment } from "../../environments/lib/run.mjs";
import { softwareFolder } from "../bench.ts";
import { must, peersIn, prepareProxy } from "../jupyterhub/hub.ts";

/** Programs of others: what we are compared with, and the load. */
export interface Tools {
  readonly nginx: string;
  readonly wrk: string;
  readonly configurableHttpProxy: string;
  /** The module `http-proxy`. */
  readonly httpProxy: string;
  /** Where the libraries of those from Debian are. */
  readonly libraries: string;
}

const httpProxyVersion = "1.18.1";
/** Of the release that apt knows here: Debian keeps only the newest build of a package, so that none can be pinned. */
const debian = ["nginx", "wrk", "libluajit-5.1-2", "libpcre2-8-0"];

const folder = join(softwareFolder, "bench/gateway");
const root = join(folder, "root");

/** Null: not fetched yet. */
export function findTools(): Tools | null {
  const tools = {
    nginx: join(root, "usr/sbin/nginx"),
    wrk: join(root, "usr/bin/wrk"),
    configurableHttpProxy: peersIn(softwareFolder).proxy,
    httpProxy: join(folder, "node_modules/http-proxy/index.js"),
  };
  const libraries = folderOfLibraries();
  return libraries !== null && Object.values(tools).every((path) => existsSync(path))
    ? { ...tools, libraries }
    : null;
}

/** Fetches and unpacks them; nothing is installed on the machine. */
export async function prepareTools(): Promise<void> {
  const packages = join(folder, "packages");
  rmSync(packages, { recursive: true, force: true });
  mkdirSync(packages, { recursive: true });
  const env = childEnvironment(softwareFolder);
  await must("apt-get", ["download", ...debian], env, packages);
  for (const name of readdirSync(packages))
    await must("dpkg-deb", ["--extract", join(packages, name), root], env);
  await must("npm", ["install", "--silent", "--prefix", folder, `http-proxy@${httpProxyVersion}`], env);
  if (!existsSync(peersIn(softwareFolder).proxy)) await prepareProxy(softwareFolder);
}

function folderOfLibraries(): string | null {
  const all = join(root, "usr/lib");
  const kinds = existsSync(all) ? readdirSync(all).map((name) => join(all, name)) : [];
  return kinds.find((path) => existsSync(join(path, "libluajit-5.1.so.2"))) ?? null;
}
