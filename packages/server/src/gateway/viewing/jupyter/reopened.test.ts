import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Array as YArray, Map as YMap, Text as YText } from "yjs";
import { until } from "../../testing/browser.ts";
import { enter } from "../../testing/entering.ts";
import { type House, withHouse } from "../../testing/house.ts";
import { builtEnvironment, startJupyter } from "../../testing/jupyter.ts";
import { workNotebook } from "../../testing/notebook.ts";
import { joinRoom, roomOf, type Way } from "../../testing/shared-document.ts";

const environment = builtEnvironment();
const skip = environment === null && "no Python environment is built yet";

/** The texts of the notebook's cells, as the file has them. */
function onDisk(file: string): string[] {
  const { cells } = JSON.parse(readFileSync(file, "utf8")) as { cells: { source: string | string[] }[] };
  return cells.map(({ source }) => [source].flat().join(""));
}

test("R60 a shared notebook opened ten times, with edits and restarts between, loses and doubles nothing", {
  skip,
}, async () => {
  const home = mkdtempSync(join(tmpdir(), "est-home-"));
  const file = join(home, "work.ipynb");
  writeFileSync(file, workNotebook);
  const expected = onDisk(file);
  try {
    for (let round = 0; round < 5; round += 1) {
      const jupyter = await startJupyter(environment as string, { home });
      try {
        await withHouse(async (house) => {
          for (const part of ["a", "b"]) await openAndEdit(house, file, `${round}${part} `, expected);
        }, jupyter.socket);
      } finally {
        await jupyter.close();
      }
      // Something else writes it while nobody has it open.
      expected[0] = `${expected[0]}\n# ${round}`;
      const notebook = JSON.parse(readFileSync(file, "utf8"));
      notebook.cells[0].source = expected[0];
      writeFileSync(file, JSON.stringify(notebook));
    }
    assert.deepEqual(onDisk(file), expected);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

async function openAndEdit(house: House, file: string, text: string, expected: string[]): Promise<void> {
  const { host, origin } = house.first;
  const way: Way = { host, origin, cookie: await enter(house, house.first) };
  const client = await joinRoom(house.port, way, await roomOf(house.port, way, "work.ipynb"));
  const cells = client.doc.getArray("cells") as YArray<YMap<unknown>>;
  const shown = cells.map((cell) => String(cell.get("source")));
  assert.deepEqual(shown, expected, "what the page shows when it is opened");
  client.change(() => (cells.get(1).get("source") as YText).insert(0, text));
  expected[1] = text + expected[1];
  await until(() => onDisk(file)[1] === expected[1], 60_000);
  client.close();
  assert.deepEqual(onDisk(file), expected, "what was saved");
}
