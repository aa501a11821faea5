import assert from "node:assert/strict";
import { cp, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { BuildError, buildEnvironments } from "./build.mjs";
import { findPython } from "./lib/python.mjs";
import { UV_VERSION } from "./lib/uv.mjs";
import { asNobody, execute, isRoot, softwareFolder, withFolder } from "./test-support.ts";

const HERE = import.meta.dirname;

/** A site with one small environment of one package, which is fetched from the installer's cache. */
interface Site {
  environmentsFolder: string;
  softwareFolder: string;
  notebook: string;
  lock: string;
}

async function makeSite(folder: string): Promise<Site> {
  const environmentsFolder = join(folder, "environments");
  const toy = join(environmentsFolder, "toy");
  await mkdir(join(toy, "notebooks"), { recursive: true });
  await cp(join(HERE, "jupyter"), join(environmentsFolder, "jupyter"), { recursive: true });
  await writeFile(join(toy, "environment.yaml"), "name: toy\n");
  const locked = await readFile(join(HERE, "nexus/requirements.lock"), "utf8");
  const one = /^packaging==[^\n]+\\\n(?: +--hash=[^\n]+\n)+/m.exec(locked)?.[0];
  assert.ok(one, "the lock pins packaging");
  const site = { environmentsFolder, softwareFolder: join(folder, "software") };
  await mkdir(site.softwareFolder);
  for (const name of ["uv-cache", `uv-${UV_VERSION}`])
    await symlink(join(softwareFolder, name), join(site.softwareFolder, name));
  const files = { notebook: join(toy, "notebooks/look.ipynb"), lock: join(toy, "requirements.lock") };
  await writeFile(files.lock, one);
  await writeFile(files.notebook, "first");
  return { ...site, ...files };
}

const withSite = (work: (site: Site) => Promise<void>) => () =>
  withFolder("build", async (folder) => work(await makeSite(folder)));

async function buildToy(site: Site) {
  const { toy } = await buildEnvironments(site);
  assert.ok(toy);
  return toy;
}

const refused = (code: string, words: RegExp) => (error: unknown) =>
  error instanceof BuildError && error.code === code && words.test(error.message);

describe("Building environments", () => {
  before(() => buildEnvironments({ softwareFolder }));

  it(
    "R32 a new notebook gives a new folder with the same packages; the old folder stays as it was",
    withSite(async (site) => {
      const old = await buildToy(site);
      await writeFile(site.notebook, "second");
      const steps: string[] = [];
      const { toy } = await buildEnvironments({ ...site, onProgress: ({ step }) => steps.push(step) });
      assert.ok(toy);
      assert.notEqual(toy.path, old.path);
      assert.equal(await readFile(join(old.notebooks, "look.ipynb"), "utf8"), "first");
      assert.equal(await readFile(join(toy.notebooks, "look.ipynb"), "utf8"), "second");
      assert.deepEqual(steps, [
        "Adding the Jupyter configuration and the notebooks",
        "Packing what browsers load",
        "Ready",
      ]);
      assert.equal(await packageFile(toy.path), await packageFile(old.path), "the packages are shared");
    }),
  );

  async function packageFile(path: string): Promise<number> {
    const [library] = await readdir(join(path, "lib"));
    return (await stat(join(path, "lib", library as string, "site-packages/packaging/version.py"))).ino;
  }

  it(
    "R59 the same sources give the same folder, at once and by two builders at the same time",
    withSite(async (site) => {
      const both = await Promise.all([buildToy(site), buildToy(site)]);
      assert.deepEqual(both[0], both[1]);
      assert.deepEqual(await buildToy(site), both[0]);
      const left = await readdir(join(site.softwareFolder, "environments"));
      assert.deepEqual(left.filter((name) => name.includes("toy")).sort(), [
        ".toy.lock",
        both[0].path.split("/").at(-1),
      ]);
    }),
  );

  it(
    "R59 a package that is not the one that was locked is refused, and nothing half-made keeps the name",
    withSite(async (site) => {
      const lock = await readFile(site.lock, "utf8");
      await writeFile(site.lock, lock.replaceAll(/sha256:[0-9a-f]{64}/g, `sha256:${"0".repeat(64)}`));
      await assert.rejects(buildToy(site), refused("build-failed", /packaging/));
      await writeFile(site.lock, lock);
      assert.equal(await readFile(join((await buildToy(site)).notebooks, "look.ipynb"), "utf8"), "first");
    }),
  );

  it(
    "R59 what an interrupted build left behind does no harm",
    withSite(async (site) => {
      const left = join(site.softwareFolder, "environments", ".toy.partial");
      await mkdir(left, { recursive: true });
      await writeFile(join(left, "half"), "made");
      const { path } = await buildToy(site);
      assert.ok(!(await readdir(path)).includes("half"));
    }),
  );

  it(
    "R59 an environment that is not there is named, with those that are",
    withSite(async (site) => {
      const asked = buildEnvironments({ ...site, names: ["tyo"] });
      await assert.rejects(asked, refused("environment-unknown", /tyo.*toy/));
    }),
  );

  it(
    "R42 nobody but its builder can change it, and everybody can run it",
    withSite(async (site) => {
      const { path } = await buildToy(site);
      const { stdout } = await execute("find", [path, "-perm", "/022", "!", "-type", "l"]);
      assert.equal(stdout, "");
      await execute("chmod", ["755", join(site.softwareFolder, "..")]);
      const [library] = await readdir(join(path, "lib"));
      const packages = join(path, "lib", library as string, "site-packages");
      for (const folder of [packages, join(packages, "packaging")])
        assert.ok((await readdir(join(folder, "__pycache__"))).length > 0, "byte code");
      const python = join(path, "bin/python");
      await execute(...asNobody([python, "-I", "-c", "import packaging.version, endstation_fonts"]), {
        cwd: "/",
      });
    }),
  );
});

describe("The Python that environments are made from", () => {
  it("R59 lies where every session can go, whatever comes first", async () => {
    await withFolder("python", async (folder) => {
      const own = await fakePython(folder, "[3, 99, 0]", "/root/.pyenv/versions/3.99.0");
      await execute("chmod", ["755", folder]); // so that nothing but its prefix is against it
      const { path, prefix } = await findPython(undefined, [own, "/usr/bin/python3"]);
      assert.match(prefix, /^\/usr($|\/)/);
      await execute(...asNobody([path, "-I", "-c", "import encodings"]), { cwd: "/" });
      const alone = findPython(undefined, [own]);
      if (isRoot)
        await assert.rejects(alone, refused("python-missing", /3\.99\.0, but it lies in \/root\/\.pyenv/));
      else
        assert.equal(
          (await alone).path,
          own,
          "better than none: an ordinary user's sessions run as that user",
        );
    });
  });

  it("R59 a Python that is too old, or is not there, is refused with what is needed", async () => {
    await withFolder("python", async (folder) => {
      const old = await fakePython(folder, "[3, 9, 18]", "/usr");
      await assert.rejects(findPython(old), refused("python-too-old", /3\.10 or newer; .* is 3\.9\.18/));
      await assert.rejects(findPython(join(folder, "none")), refused("python-missing", /3\.10 or newer/));
    });
  });

  async function fakePython(folder: string, version: string, prefix: string): Promise<string> {
    const path = join(folder, "python3");
    await writeFile(path, `#!/bin/sh\necho '[${version}, "${prefix}"]'\n`, { mode: 0o755 });
    return path;
  }
});

describe("The built environments", () => {
  it("R59 have byte code for all their modules, as nothing can be compiled in a session", async () => {
    for (const { path } of Object.values(await buildEnvironments({ softwareFolder }))) {
      const script = `
import glob, importlib.util, os, sys
modules = [m for m in glob.glob(sys.argv[1] + "/**/*.py", recursive=True) if "/tests/" not in m and "/templates/" not in m]
missing = [m for m in modules if not os.path.exists(importlib.util.cache_from_source(m))]
print(len(modules), len(missing), missing[:5])
`;
      const { stdout } = await execute(join(path, "bin/python"), ["-I", "-c", script, join(path, "lib")]);
      const [modules, missing] = stdout.split(" ").map(Number) as [number, number];
      assert.ok(modules > 1000 && missing / modules < 0.01, stdout);
    }
  });

  it("R59 can be read by every session's user, and written by none", {
    skip: !isRoot && "needs root to be somebody else",
  }, async () => {
    for (const { path } of Object.values(await buildEnvironments({ softwareFolder }))) {
      const python = join(path, "bin/python");
      await execute(...asNobody([python, "-I", "-c", "import jupyterlab, h5py, matplotlib.pyplot"]), {
        cwd: "/",
        env: { HOME: "/nowhere", MPLCONFIGDIR: "/tmp", PATH: "/usr/bin" },
      });
      const { stdout } = await execute("find", [path, "-perm", "/022", "!", "-type", "l"]);
      assert.equal(stdout, "");
    }
  });
});
