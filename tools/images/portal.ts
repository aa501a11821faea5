import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { buildWeb } from "../../packages/server/src/setup/web.ts";
import { baseLayer, debianCommand, plainTar, sharedLayer, step, tagOf, workFolder } from "./layers.ts";
import { type Layer, Registry } from "./oci.ts";

/**
 * `npm run image -- REGISTRY`: the portal as it stands in this checkout, as an image for `deploy/helm`: Debian, Node, the
 * packages it needs and its built pages. Needs mmdebstrap and root, but no container engine. Prints `name@sha256:…`.
 */
const checkout = resolve(import.meta.dirname, "../..");
const repository = "endstation/portal";
const inside = "opt/endstation";
/** What the portal runs without. */
const left = /^(e2e|bench|tools|deploy|\.ci)\/|\.test\.tsx?$|\.testing\.ts$|\/testing\//;

const [address] = process.argv.slice(2);
if (address === undefined || address.startsWith("-")) {
  console.error(
    "npm run image -- REGISTRY     such as 127.0.0.1:15001, that of npm run engine -- registry up",
  );
  process.exitCode = 2;
} else console.log(await portalImage(new Registry(address)));

async function portalImage(registry: Registry): Promise<string> {
  const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: checkout,
    encoding: "utf8",
  });
  const wanted = files.split("\0").filter((file) => file !== "" && !left.test(file));
  const base = debianCommand(["ca-certificates", "libstdc++6", "openssh-client", "tzdata"]);
  const tag = tagOf(
    [digestOf(wanted), ...base, process.version, readFileSync(import.meta.filename)].join(" "),
  );
  const found = await registry.find(repository, tag);
  if (found !== null) return found;
  const below = [await baseLayer(registry, base), await packagesLayer(registry, wanted)];
  return step("Image of the portal", async () => {
    const layer = await registry.pushLayer(repository, await portalCommand(wanted));
    return registry.pushImage(repository, tag, [...below, layer], {
      Env: [
        `PATH=/${inside}/bin:/usr/local/bin:/usr/bin:/bin`,
        "LANG=C.UTF-8",
        "NODE_ENV=production",
        "NODE_OPTIONS=--disable-warning=ExperimentalWarning",
        `ENDSTATION_SOFTWARE=/${inside}/software`,
      ],
      WorkingDir: `/${inside}/portal`,
      Cmd: ["node", "packages/server/src/main.ts"],
    });
  });
}

function digestOf(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update(readFileSync(join(checkout, file)));
  return hash.digest("hex");
}

/** Node and the packages that the portal needs, which change less often than it does. */
function packagesLayer(registry: Registry, files: readonly string[]): Promise<Layer> {
  const lists = files.filter((file) => /(^|\/)package(-lock)?\.json$/.test(file));
  const recipe = `${process.version} ${digestOf(lists)}`;
  return sharedLayer(registry, "endstation/portal-packages", recipe, () => {
    const folder = join(workFolder, "packages");
    const portal = join(folder, inside, "portal");
    copy(lists, portal);
    execFileSync("npm", ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: portal,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const programs = join(folder, inside, "bin");
    mkdirSync(programs);
    cpSync(realpathSync(process.execPath), join(programs, "node"));
    return [...plainTar, "-C", folder, "opt"];
  });
}

async function portalCommand(files: readonly string[]): Promise<string[]> {
  const folder = join(workFolder, "portal");
  copy(files, join(folder, inside, "portal"));
  const softwareFolder = join(folder, inside, "software");
  mkdirSync(softwareFolder);
  await buildWeb({ checkout, softwareFolder }, () => {});
  return [...plainTar, "-C", folder, "opt"];
}

function copy(files: readonly string[], target: string): void {
  for (const file of files) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    cpSync(join(checkout, file), join(target, file), { verbatimSymlinks: true });
  }
}
