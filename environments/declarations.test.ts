import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { type Declaration, declaration } from "../packages/server/src/environments/declaration.ts";
import { declaredEnvironments } from "./build.mjs";
import { findPython } from "./lib/python.mjs";
import { execute } from "./test-support.ts";

const HERE = import.meta.dirname;
const names = await declaredEnvironments();

interface Cell {
  cell_type: string;
  source: string[];
  metadata: { tags?: string[] };
  outputs?: unknown[];
  execution_count?: number | null;
}

interface Notebook {
  cells: Cell[];
  metadata: { kernelspec: { name: string; language: string } };
}

async function declarationOf(name: string): Promise<Declaration> {
  return declaration.parse(parse(await readFile(join(HERE, name, "environment.yaml"), "utf8")));
}

async function notebookOf(name: string, file: string): Promise<Notebook> {
  return JSON.parse(await readFile(join(HERE, name, "notebooks", file), "utf8")) as Notebook;
}

const textOf = (cell: Cell | undefined) => cell?.source.join("") ?? "";

describe("Declared environments", () => {
  it("R59 are at least one for any file, one for small angles and one for time of flight", () => {
    for (const name of ["nexus", "sas", "tof-spectroscopy"]) assert.ok(names.includes(name), name);
  });

  it("R59 a terminal has the software of one of them, and nothing to be built", async () => {
    const said = await declarationOf("terminal");
    assert.deepEqual([said.name, said.kind], ["terminal", "terminal"]);
    assert.ok(names.includes(said.softwareOf ?? ""), said.softwareOf);
    assert.equal(names.includes("terminal"), false);
  });

  for (const name of names) {
    it(`R59 R65 ${name} says what it is, in the versions that its lock pins`, async () => {
      const said = await declarationOf(name);
      assert.equal(said.name, name);
      const lock = await readFile(join(HERE, name, "requirements.lock"), "utf8");
      const pinned = [...lock.matchAll(/^([\w.-]+)==(\S+)(.*)$/gm)];
      for (const { name: software, version } of said.software) {
        const versions = pinned.filter((each) => each[1] === software).map((each) => each[2]);
        assert.ok(versions.includes(version), `${software} is ${versions} in the lock`);
      }
      for (const flavour of said.flavours) assert.ok(["small", "medium", "large"].includes(flavour), flavour);
    });

    it(`R59 ${name} is locked with hashes, and its lock names no registry`, async () => {
      const lock = await readFile(join(HERE, name, "requirements.lock"), "utf8");
      assert.doesNotMatch(lock, /:\/\/|--(extra-)?index-url|--find-links|--trusted-host| @ /);
      for (const requirement of lock.split(/^(?=[a-z0-9])/im).filter((each) => /^[a-z0-9]/i.test(each)))
        assert.match(requirement, /^[\w.-]+==[^\n]+\\\n(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+$/);
      assert.doesNotMatch(lock, /^rfc3987-syntax==[^\n]*python_version >= "3/m, "it slows Jupyter's start");
    });

    it(`R32 ${name} names exactly the notebooks it has`, async () => {
      const files = (await readdir(join(HERE, name, "notebooks"))).sort();
      assert.deepEqual((await declarationOf(name)).notebooks.map(({ file }) => file).sort(), files);
    });
  }
});

describe("Template notebooks", async () => {
  for (const name of names) {
    for (const { file, parameters } of (await declarationOf(name)).notebooks) {
      it(`R32 ${name}/${file} begins with a title and is kept without results`, async () => {
        const { cells, metadata } = await notebookOf(name, file);
        assert.equal(metadata.kernelspec.name, "python3");
        assert.match(textOf(cells[0]), /^# \S.*\n\n\*\*For:\*\*/);
        for (const cell of cells.filter((each) => each.cell_type === "code")) {
          assert.deepEqual(cell.outputs, []);
          assert.equal(cell.execution_count, null);
        }
      });

      it(`R32 ${name}/${file} has the parameters that its declaration names, with the same values`, async () => {
        const { cells } = await notebookOf(name, file);
        const tagged = cells.filter((cell) => cell.metadata.tags?.includes("parameters"));
        assert.equal(tagged.length, 1);
        const assigned = await assignmentsOf(textOf(tagged[0]));
        assert.deepEqual(Object.fromEntries(parameters.map((each) => [each.name, each.default])), assigned);
        assert.ok("data_path" in assigned && "results_path" in assigned, "what the launcher fills in");
      });
    }
  }

  async function assignmentsOf(source: string): Promise<Record<string, unknown>> {
    const python = await findPython(undefined);
    const script =
      "import ast, json, sys; print(json.dumps({a.targets[0].id: ast.literal_eval(a.value) for a in ast.parse(sys.argv[1]).body}))";
    const { stdout } = await execute(python.path, ["-I", "-c", script, source]);
    return JSON.parse(stdout) as Record<string, unknown>;
  }
});
