import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { parse } from "yaml";
import { buildEnvironments } from "../environments/build.mjs";
import { asNobody, execute, softwareFolder, temporaryFolder } from "../environments/test-support.ts";
import { buildDemonstrationArchive } from "./build.mjs";

const HERE = import.meta.dirname;
const PANET = join(HERE, "../packages/server/src/catalogue/panet.json");

interface Named {
  id: string;
  label: string;
}

interface Dataset {
  id: string;
  title: string;
  folder: string;
  createdAt: string;
  techniques: Named[];
  definitions: string[];
  licence: string;
  source: { package: string; version: string; homepage: string };
}

interface Proposal {
  id: string;
  facility: string;
  instrument: string;
  startsAt: string;
  endsAt: string;
  releaseAt: string | null;
  members: { account: string; role: string }[];
  datasets: Dataset[];
}

interface Facility {
  accounts: { account: string; roles: string[]; sees: string }[];
  facilities: { id: string }[];
  instruments: { id: string; name: string; facility: string; techniques: Named[] }[];
  proposals: Proposal[];
}

interface Recipe {
  packages: { name: string; version: string; licence: string; homepage: string }[];
  datasets: { folder: string; package: string; title: string; files: string[] }[];
}

describe("The demonstration archive", () => {
  let archive: string;
  let facility: Facility;
  let recipe: Recipe;
  let datasets: Dataset[];

  before(async () => {
    archive = join(await temporaryFolder("demo"), "archive");
    const made = await buildDemonstrationArchive({ softwareFolder, archiveFolder: archive });
    facility = parse(await readFile(made.facilityFile, "utf8")) as Facility;
    recipe = JSON.parse(await readFile(join(HERE, "recipe.json"), "utf8")) as Recipe;
    datasets = facility.proposals.flatMap((proposal) => proposal.datasets);
  });

  after(() => rm(join(archive, ".."), { recursive: true, force: true }));

  it("R2 holds for every dataset of facility.yaml its files, and for every folder a dataset", async () => {
    const folders = recipe.datasets.map(({ folder }) => folder).sort();
    assert.deepEqual(datasets.map(({ folder }) => folder).sort(), folders);
    for (const { folder, files } of recipe.datasets) {
      const names = files.map((file) => file.split("/").at(-1));
      assert.deepEqual(
        (await readdir(join(archive, folder))).sort(),
        [...names, "LICENCE", "SOURCE.md"].sort(),
      );
    }
  });

  it("R2 says of each dataset where it is from, with licence and hash", async () => {
    for (const dataset of datasets) {
      const entry = recipe.datasets.find(({ folder }) => folder === dataset.folder);
      const from = recipe.packages.find(({ name }) => name === entry?.package);
      assert.ok(entry && from);
      assert.equal(dataset.title, entry.title);
      assert.equal(dataset.licence, from.licence);
      const { name, version, homepage } = from;
      assert.deepEqual(dataset.source, { package: name, version, homepage });
      const page = await readFile(join(archive, dataset.folder, "SOURCE.md"), "utf8");
      assert.ok(page.includes(`${name} ${version}`) && page.includes(from.licence));
      for (const file of entry.files.map((path) => path.split("/").at(-1) as string)) {
        const content = await readFile(join(archive, dataset.folder, file));
        const hash = createHash("sha256").update(content).digest("hex");
        assert.ok(page.includes(hash), `${dataset.id}/${file} has the hash that SOURCE.md gives`);
      }
    }
  });

  it("R2 names only what it defines, each under one slug", () => {
    const ids = datasets.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    const accounts = facility.accounts.map(({ account }) => account);
    for (const id of [...ids, ...accounts, ...facility.proposals.map((proposal) => proposal.id)])
      assert.match(id, /^[a-z0-9][a-z0-9-]*$/);
    for (const proposal of facility.proposals) {
      const instrument = facility.instruments.find(({ id }) => id === proposal.instrument);
      assert.equal(instrument?.facility, proposal.facility, proposal.id);
      assert.ok(facility.facilities.some(({ id }) => id === proposal.facility));
      for (const { account } of proposal.members) assert.ok(accounts.includes(account), account);
      assert.ok(
        proposal.members.some(({ role }) => role === "principal-investigator"),
        proposal.id,
      );
    }
  });

  it("R1 has the eight accounts, and a proposal of every kind of access", () => {
    assert.deepEqual(facility.accounts.map(({ account }) => account).sort(), [
      ...["admin", "guest", "industry", "local-contact", "member", "other", "pi", "support"],
    ]);
    const now = Date.parse("2026-12-01");
    const kinds = facility.proposals.map(({ releaseAt }) =>
      releaseAt === null ? "never released" : Date.parse(releaseAt) > now ? "embargoed" : "open",
    );
    assert.deepEqual([...new Set(kinds)].sort(), ["embargoed", "never released", "open"]);
    const of = (account: string) =>
      facility.proposals.filter(({ members }) => members.some((each) => each.account === account));
    const mgb2 = facility.proposals.find(({ id }) => id === "ipns-2001-mgb2");
    assert.ok(mgb2 && of("pi").includes(mgb2) && !of("other").includes(mgb2));
    assert.deepEqual(of("guest"), []);
  });

  it("R2 gives dates that fit together", () => {
    for (const { id, startsAt, endsAt, releaseAt, datasets } of facility.proposals) {
      const [start, end] = [Date.parse(startsAt), Date.parse(endsAt)];
      assert.ok(start <= end, id);
      if (releaseAt !== null) assert.ok(Date.parse(releaseAt) > end, id);
      for (const { createdAt } of datasets) {
        const created = Date.parse(createdAt);
        assert.ok(created >= start && created <= end, id);
      }
    }
  });

  it("R2 says what the files say of themselves: definitions and times", async () => {
    const { nexus } = await buildEnvironments({ softwareFolder, names: ["nexus"] });
    const script = `
import h5py, json, pathlib, sys
found = {}
for path in pathlib.Path(sys.argv[1]).rglob("*"):
    if path.is_file() and h5py.is_hdf5(path):
        said = found.setdefault(str(path.parent.relative_to(sys.argv[1])), {"definitions": [], "times": []})
        with h5py.File(path) as file:
            entries = [e for e in file.values() if isinstance(e, h5py.Group)]
            text = lambda v: (v.ravel()[0] if hasattr(v, "ravel") else v)
            read = lambda e, n: text(e[n][()]) if isinstance(e.get(n), h5py.Dataset) else None
            plain = lambda v: v.decode() if isinstance(v, bytes) else str(v)
            said["definitions"] += [plain(read(e, "definition")) for e in entries if read(e, "definition") is not None]
            said["times"] += [plain(read(e, n)) for e in entries for n in ("start_time", "end_time") if read(e, n) is not None]
print(json.dumps(found))
`;
    const python = join(nexus?.path ?? "", "bin/python");
    const { stdout } = await execute(python, ["-I", "-c", script, archive], { maxBuffer: 1 << 26 });
    const said = JSON.parse(stdout) as Record<string, { definitions: string[]; times: string[] }>;
    for (const { id, folder, definitions, createdAt } of datasets) {
      const { definitions: own = [], times = [] } = said[folder] ?? {};
      const applications = [...new Set(own)].filter((name) => name !== "NXentry"); // a base class, which one file names
      assert.deepEqual(definitions, applications, `${id}: definitions`);
      const years = times
        .map((time) => /\b(19|20)\d\d\b/.exec(time)?.[0])
        .filter((year) => year !== undefined);
      if (years.length > 0)
        assert.ok(years.includes(createdAt.slice(0, 4)), `${id}: ${createdAt} among ${years}`);
    }
  });

  it("R2 uses techniques of PaNET by their own labels", {
    skip: !existsSync(PANET) && "the table of techniques is not there",
  }, async () => {
    const { terms } = JSON.parse(await readFile(PANET, "utf8")) as { terms: [string, string, string[]][] };
    const labels = new Map(terms.map(([id, label]) => [id, label]));
    const used = [...datasets, ...facility.instruments].flatMap(({ techniques }) => techniques);
    for (const folder of ["nexus", "sas", "tof-spectroscopy"]) {
      const text = await readFile(join(HERE, "../environments", folder, "environment.yaml"), "utf8");
      used.push(...(parse(text) as { techniques: Named[] }).techniques);
    }
    for (const { id, label } of used) assert.equal(labels.get(id), label, id);
  });

  it("R65 every environment that names an instrument names one of these, or one that is not in the archive", async () => {
    const known = facility.instruments.map(({ name }) => name);
    for (const folder of ["sas", "tof-spectroscopy"]) {
      const text = await readFile(join(HERE, "../environments", folder, "environment.yaml"), "utf8");
      const { instruments } = parse(text) as { instruments: string[] };
      assert.ok(
        instruments.some((name) => known.includes(name)),
        folder,
      );
    }
  });

  it("R42 can be read by every session's user, and written by none", async () => {
    const { stdout } = await execute("find", [archive, "-perm", "/022"]);
    assert.equal(stdout, "");
    await execute("chmod", ["755", join(archive, "..")]);
    await execute(...asNobody(["find", archive, "-type", "f", "-exec", "head", "-c1", "{}", ";"]), {
      cwd: "/",
    });
  });

  it("R2 is made once, and mended when something is gone", async () => {
    const file = join(archive, "ipns-2001-mgb2/lrmecs-3701-mgb2-8k/chopper.nxs");
    const steps: string[] = [];
    const options = { softwareFolder, archiveFolder: archive };
    const again = () => buildDemonstrationArchive({ ...options, onProgress: ({ step }) => steps.push(step) });
    const { ino } = await stat(file);
    await again();
    assert.deepEqual(steps.splice(0), ["Ready"]);
    assert.equal((await stat(file)).ino, ino);
    const other = join(archive, "ncnr-2008-silica/ncnr-2008-silica/SILIC010.DAT");
    const kept = (await stat(other)).ino;
    const content = await readFile(file);
    await rm(file);
    await again();
    assert.deepEqual(await readFile(file), content);
    assert.equal(
      (await stat(other)).ino,
      kept,
      "a dataset that is whole stays, as a session may have it mounted",
    );
    await writeFile(join(archive, ".complete"), "older");
    await again();
    assert.equal(steps.filter((step) => step === "Ready").length, 2);
  });
});
