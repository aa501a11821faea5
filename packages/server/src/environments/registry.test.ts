import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { EndstationError, type Environment } from "@endstation/core";
import { environmentFrom, readEnvironments } from "./registry.ts";

const text = `
name: toy
title: Toy
description: For the test.
kind: jupyter
reason: made for tests
software: [{ name: jupyterlab, version: 4.6 }]
licences: [MIT]
flavours: [small]
notebooks:
  - file: look.ipynb
    title: Look
    description: Looks.
    parameters: [{ name: data_path, kind: data, default: /data, title: Data }]
`;

test("R59 a declaration becomes an environment, with the folder that was built for it", () => {
  const environment = environmentFrom("/x/toy/environment.yaml", text, { toy: { path: "/built/toy" } });
  assert.deepEqual(environment.source, { path: "/built/toy" });
  assert.equal(environment.madeFor, "tests");
  assert.deepEqual(environment.software, [{ name: "jupyterlab", version: "4.6" }]);
  const [notebook] = environment.notebooks;
  assert.deepEqual(notebook, {
    ...{ file: "look.ipynb", title: "Look", description: "Looks." },
    parameters: [{ name: "data_path", kind: "data", default: "/data", title: "Data", unit: null }],
  });
});

test("R59 a folder or an image of the site's own stands in the declaration, and the configuration's before it", () => {
  const image = `registry.example.org/toy@sha256:${"0".repeat(64)}`;
  const own = `${text}source: { path: /sw/toy, image: "${image}" }\n`;
  const environment = environmentFrom("/x/toy/environment.yaml", own, { toy: { path: "/built/toy" } });
  assert.deepEqual(environment.source, { path: "/sw/toy", image });
  const here = { toy: { path: "/cvmfs/toy", module: "toy/1" } };
  const configured = environmentFrom("/x/toy/environment.yaml", own, {}, here);
  assert.deepEqual(configured.source, { path: "/cvmfs/toy", image, module: "toy/1" });
});

const mistakes: readonly (readonly [string, string, RegExp])[] = [
  ["an unknown key", `${text}flavor: small\n`, /toy\/environment\.yaml: .*flavor/],
  [
    "a parameter of no known kind",
    text.replace("kind: data", "kind: date"),
    /notebooks\.0\.parameters\.0\.kind/,
  ],
  ["a notebook outside its folder", text.replace("look.ipynb", "../look.ipynb"), /notebooks\.0\.file/],
  ["no flavour", text.replace("[small]", "[]"), /flavours/],
  ["an image without its digest", `${text}source: { image: "toy:latest" }\n`, /source\.image/],
  ["another name than its folder's", text.replace("name: toy", "name: toys"), /name: must be toy/],
  ["no YAML", "name: [", /toy\/environment\.yaml: /],
];

for (const [what, wrong, names] of mistakes)
  test(`R59 a declaration with ${what} is refused by name`, () => {
    assert.throws(
      () => environmentFrom("/x/toy/environment.yaml", wrong, {}),
      (error) =>
        error instanceof EndstationError && error.code === "config-invalid" && names.test(error.message),
    );
  });

test("R59 an environment may have another's software, wherever that comes from, and nothing is built twice", async () => {
  const folder = await mkdtemp(join(tmpdir(), "registry-"));
  const shell = "name: shell\ntitle: Shell\ndescription: A.\nkind: terminal\nreason: a\nflavours: [small]\n";
  const write = async (name: string, text: string) => {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, "environment.yaml"), text);
  };
  try {
    await write("toy", text);
    await write("shell", `${shell}softwareOf: toy\n`);
    const here = { toy: { module: "toy/1" }, shell: { module: "shell/1" } };
    const found = await readEnvironments(folder, { toy: { path: "/built/toy" } }, here);
    const [{ software, source, kind }] = found.filter(({ name }) => name === "shell") as [Environment];
    assert.deepEqual(
      { software, source, kind },
      {
        software: [{ name: "jupyterlab", version: "4.6" }],
        source: { path: "/built/toy", module: "shell/1" },
        kind: "terminal",
      },
    );
    for (const other of ["nobody", "shell"]) {
      await write("shell", `${shell}softwareOf: ${other}\n`);
      await assert.rejects(
        readEnvironments(folder, {}),
        /shell\/environment\.yaml: softwareOf: .*"(nobody|shell)"/,
      );
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("R59 every folder with a declaration is an environment, others are not", async () => {
  const folder = await mkdtemp(join(tmpdir(), "registry-"));
  try {
    for (const name of ["toy", "lib"]) await mkdir(join(folder, name));
    await writeFile(join(folder, "toy/environment.yaml"), text);
    const found = await readEnvironments(folder, {});
    assert.deepEqual(
      found.map(({ name, source }) => ({ name, source })),
      [{ name: "toy", source: {} }],
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
