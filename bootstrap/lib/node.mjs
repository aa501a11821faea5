import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync, realpathSync, statSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileFault, SetupFault } from "./fault.mjs";
import { runNpm } from "./npm.mjs";
import { step } from "./say.mjs";

const VERSION = "24.21.0";

/** What the packages must be, whatever the registry says. */
const INTEGRITY = {
  x64: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  arm64: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
};

/** Whether a Node of this version runs the portal as it is. */
export function isNewEnough(version) {
  const [major, minor] = version.replace(/^v/, "").split(".").map(Number);
  return major > 24 || (major === 24 && minor >= 21);
}

/** As root, parts of the portal run as other users: a Node below somebody's closed home is no use to them. */
function everybodyReaches(file) {
  if (process.getuid?.() !== 0) return true;
  for (let path = realpathSync(file); ; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

/** The Node to run with: this one, or the one in the software folder, fetched if it is not there. */
export async function ensureNode({ softwareFolder, version = process.versions.node, integrity = INTEGRITY }) {
  if (isNewEnough(version) && everybodyReaches(process.execPath)) return process.execPath;
  const folder = join(softwareFolder, `node-${VERSION}`);
  const node = join(folder, "bin", "node");
  if (existsSync(node)) return node;
  const expected = process.platform === "linux" ? integrity[process.arch] : undefined;
  if (expected === undefined) {
    throw new SetupFault(
      "node-too-old",
      `this is Node.js ${version}, and there is no package with a newer one for ${process.platform} on ${process.arch}`,
      `Install Node.js ${VERSION} or newer and start again.`,
    );
  }
  await step(`Node.js ${VERSION}`, () => fetchNode({ softwareFolder, folder, expected }));
  return node;
}

/**
 * Made in a folder of its own and moved into place when it is whole. Two at once both fetch it, and the second finds
 * the place taken: that costs a download and needs no lock that a killed process could leave behind.
 */
async function fetchNode({ softwareFolder, folder, expected }) {
  const partial = await partialFolder(softwareFolder);
  try {
    const words = [
      "pack",
      `node-linux-${process.arch}@${VERSION}`,
      "--pack-destination",
      partial,
      "--loglevel=error",
    ];
    const cache = join(softwareFolder, "npm-cache");
    await runNpm({ node: process.execPath, words, cwd: partial, cache });
    const name = (await readdir(partial)).find((each) => each.endsWith(".tgz"));
    if (name === undefined)
      throw new SetupFault("software-incomplete", "npm pack left no package", "Start again.");
    await demandIntegrity(join(partial, name), expected);
    const tree = join(partial, "node");
    await unpack(join(partial, name), tree);
    await rename(tree, folder).catch((error) => {
      if (!existsSync(join(folder, "bin", "node"))) throw error;
    });
  } catch (error) {
    throw fileFault(error, softwareFolder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function partialFolder(softwareFolder) {
  try {
    await mkdir(softwareFolder, { recursive: true });
    await removeOldPartials(softwareFolder);
    return await mkdtemp(join(softwareFolder, `.node-${process.pid}-`));
  } catch (error) {
    throw fileFault(error, softwareFolder);
  }
}

/** What a process left that was killed meanwhile. */
async function removeOldPartials(softwareFolder) {
  for (const name of await readdir(softwareFolder)) {
    const pid = /^\.node-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      await rm(join(softwareFolder, name), { recursive: true, force: true });
  }
}

async function demandIntegrity(file, expected) {
  const hash = createHash("sha512");
  await pipeline(createReadStream(file), hash);
  const found = `sha512-${hash.digest("base64")}`;
  if (found === expected) return;
  throw new SetupFault(
    "software-incomplete",
    `the package with Node.js ${VERSION} is not the one that is expected: its digest is ${found}`,
    "Empty npm's cache (npm cache clean --force) and start again; if it repeats, the registry gives another file.",
  );
}

async function unpack(file, folder) {
  await mkdir(folder);
  const words = [
    "-xzf",
    file,
    "-C",
    folder,
    "--strip-components=1",
    "--no-same-owner",
    "package/bin",
    "package/LICENSE",
  ];
  const ran = spawnSync("tar", words, { encoding: "utf8" });
  const said = ran.error?.message ?? ran.stderr;
  if (ran.status !== 0)
    throw new SetupFault("software-incomplete", `tar could not unpack Node.js: ${said}`, "Install tar.");
  await chmod(join(folder, "bin", "node"), 0o755);
}
