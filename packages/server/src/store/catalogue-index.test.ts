import assert from "node:assert/strict";
import { test } from "node:test";
import { accessTo, type Dataset, type Proposal, type Reader, type Release, readerOf } from "@endstation/core";
import { mayReadCases, mayReadNow, mayReadPolicy } from "@endstation/core/testing";
import { createCatalogueIndex } from "./catalogue-index.ts";
import { createCatalogueWriter } from "./catalogue-writer.ts";
import type { Database } from "./database.ts";
import { withDatabase } from "./testing.ts";

function proposal(id: string, more: Partial<Proposal> = {}): Proposal {
  return {
    id,
    title: `Proposal ${id}`,
    summary: "",
    instrument: "LOQ",
    facility: "ISIS",
    startsAt: 1000,
    endsAt: null,
    releaseAt: 0,
    listed: false,
    members: [],
    ...more,
  };
}

function dataset(id: string, of: string, more: Partial<Dataset> = {}): Dataset {
  return {
    id,
    pid: null,
    title: `Dataset ${id}`,
    proposal: of,
    instrument: "LOQ",
    facility: "ISIS",
    techniques: [],
    definitions: [],
    sample: null,
    createdAt: 1000,
    sizeBytes: 1,
    fileCount: 1,
    releaseAt: 0,
    licence: null,
    source: null,
    kind: "raw",
    availability: "online",
    parameters: [],
    problems: [],
    ...more,
  };
}

const anybody: Reader = { account: "somebody", instruments: [], now: 5000 };
const page = { limit: 50, cursor: null };

function parts(database: Database) {
  return { index: createCatalogueIndex(database), writer: createCatalogueWriter(database) };
}

/** A proposal and a dataset of it for each different release in the table. */
async function writeReleases(database: Database): Promise<ReadonlyMap<string, Release>> {
  const { writer } = parts(database);
  const releases = new Map(mayReadCases.map(({ release }) => [JSON.stringify(release), release]));
  const named = new Map([...releases.values()].map((release, index) => [`r${index}`, release]));
  for (const [id, { releaseAt, listed, instrument, memberAccounts }] of named) {
    const members = memberAccounts.map((account) => ({ account, name: account, role: "member" as const }));
    await writer.putProposal("test", proposal(id, { releaseAt, listed, instrument, members }));
    await writer.putDataset("test", dataset(`${id}-data`, id, { releaseAt, instrument }));
  }
  return named;
}

test("R3 R12 R19 R110 the index says of every case of the table what the pure policy says, for lists and single ones", async () => {
  await withDatabase(async (database) => {
    const releases = await writeReleases(database);
    const { index } = parts(database);
    const people = new Map(mayReadCases.map(({ principal }) => [principal.account, principal]));
    for (const principal of people.values()) {
      const reader = readerOf(principal, mayReadPolicy, mayReadNow);
      const listed = await index.datasets(reader, {}, { limit: 200, cursor: null });
      const found = new Map(listed.items.map((seen) => [seen.dataset.id, seen.access]));
      const proposals = await index.proposals(reader, false, { limit: 200, cursor: null });
      const foundProposals = new Map(proposals.items.map((seen) => [seen.proposal.id, seen]));
      for (const [id, release] of releases) {
        const expected = accessTo(principal, release, mayReadPolicy, mayReadNow);
        const name = `${principal.account} and ${JSON.stringify(release)}`;
        assert.equal(found.get(`${id}-data`) ?? null, expected, name);
        assert.equal(foundProposals.get(id)?.access ?? null, expected, name);
        assert.equal(foundProposals.get(id)?.datasetCount ?? 0, expected === null ? 0 : 1, name);
        const [single] = await index.datasetsById(reader, [`${id}-data`]);
        assert.equal(single?.access ?? null, expected, name);
        assert.equal((await index.proposal(reader, id))?.access ?? null, expected, name);
      }
    }
  });
});

test("a filter by access answers by the same rule", async () => {
  await withDatabase(async (database) => {
    await writeReleases(database);
    const { index } = parts(database);
    const reader: Reader = { account: "stranger", instruments: [], now: mayReadNow };
    for (const access of ["open", "member", "embargoed"] as const) {
      const { items } = await index.datasets(reader, { access }, { limit: 200, cursor: null });
      assert.ok(items.every((seen) => seen.access === access));
      assert.equal(items.length > 0, access !== "member");
    }
  });
});

test("R17 pages by cursor give every dataset once, the newest first and the undated last", async () => {
  await withDatabase(async (database) => {
    const { index, writer } = parts(database);
    await writer.putProposal("test", proposal("p"));
    for (let number = 0; number < 23; number += 1)
      await writer.putDataset(
        "test",
        dataset(`d${number}`, "p", { createdAt: number % 5 === 4 ? null : number % 7 }),
      );
    const seen: Dataset[] = [];
    for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
      const found = await index.datasets(anybody, {}, { limit: 4, cursor });
      seen.push(...found.items.map((one) => one.dataset));
      cursor = found.next;
    }
    assert.equal(new Set(seen.map((one) => one.id)).size, 23);
    assert.equal(seen.length, 23);
    const times = seen.map((one) => one.createdAt ?? Number.NEGATIVE_INFINITY);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
    );
  });
});

test("a cursor that no list gave is a malformed request", async () => {
  await withDatabase(async (database) => {
    const { index } = parts(database);
    for (const cursor of [
      "x",
      "W10",
      "e30",
      Buffer.from('["1","a"]').toString("base64url"),
      Buffer.from('[1,"\\u0000"]').toString("base64url"),
    ])
      await assert.rejects(index.datasets(anybody, {}, { limit: 5, cursor }), { code: "malformed-request" });
  });
});

const searched: readonly (readonly [query: string, found: boolean])[] = [
  ["MgB2", true],
  ["mgb2 powder", true],
  ["MgB₂", true],
  ["magnes", true],
  ["spher", true],
  ["sphere", true],
  ["spheres of magnesium", true],
  ["lrmecs", true],
  ["LRM", true],
  ["incident", true],
  ["inelastic", true],
  ["p-2001", true],
  ["10.5291", true],
  ["müller", true],
  ["Muller", true],
  ["copper", false],
  ["magnesium copper", false],
  ["' OR 1=1 --", false],
  ["& | ! :* ()", true],
  ["%", true],
  ["\\", true],
  ["the", true],
];

test("R2 R11 search finds words, their beginnings and other forms of them, in title, sample, names and parameters", async () => {
  await withDatabase(async (database) => {
    const { index, writer } = parts(database);
    await writer.putProposal("test", proposal("p-2001"));
    const techniques = [{ id: "PaNET01245", label: "inelastic neutron spectroscopy" }];
    const sample = { name: "MgB2 powder", description: "from the group of Müller" };
    const parameters = [{ name: "incident energy", value: 130, unit: "meV" }];
    const more = { title: "The spheres of magnesium diboride", pid: "10.5291/x", instrument: "LRMECS" };
    await writer.putDataset("test", dataset("d", "p-2001", { ...more, techniques, sample, parameters }));
    for (const [text, isFound] of searched) {
      const { items } = await index.datasets(anybody, { text }, page);
      assert.equal(items.length === 1, isFound, text);
    }
  });
});

test("filters are all held together: instrument, technique, time, proposal", async () => {
  await withDatabase(async (database) => {
    const { index, writer } = parts(database);
    await writer.putProposal("test", proposal("p"));
    const techniques = [{ id: "A", label: "a" }];
    await writer.putDataset("test", dataset("one", "p", { techniques, createdAt: 10, instrument: "LRMECS" }));
    await writer.putDataset("test", dataset("two", "p", { createdAt: 20 }));
    const ids = async (query: Parameters<typeof index.datasets>[1]) =>
      (await index.datasets(anybody, query, page)).items.map((seen) => seen.dataset.id);
    assert.deepEqual(await ids({ instrument: "lrmecs" }), ["one"]);
    assert.deepEqual(await ids({ techniques: ["A", "B"] }), ["one"]);
    assert.deepEqual(await ids({ techniques: [] }), []);
    assert.deepEqual(await ids({ from: 10, to: 19 }), ["one"]);
    assert.deepEqual(await ids({ from: 20 }), ["two"]);
    assert.deepEqual(await ids({ proposal: "p", instrument: "LOQ" }), ["two"]);
    assert.deepEqual(await ids({ proposal: "q" }), []);
  });
});

test("writing the same again changes nothing, and a change counts the version", async () => {
  await withDatabase(async (database) => {
    const { index, writer } = parts(database);
    assert.equal(await writer.putProposal("test", proposal("p")), "changed");
    assert.equal(await writer.putProposal("test", proposal("p")), "same");
    assert.equal(await writer.putDataset("test", dataset("d", "p")), "changed");
    assert.equal(await writer.putDataset("test", dataset("d", "p")), "same");
    assert.equal(await writer.putDataset("test", dataset("d", "p", { title: "Another" })), "changed");
    const { rows } = await database.pool.query("SELECT version FROM datasets WHERE id = 'd'");
    assert.equal(rows[0].version, 2);
    assert.equal((await index.datasetsById(anybody, ["d"]))[0]?.dataset.title, "Another");
  });
});

test("R3 R110 a member who is taken out of the team loses the right with the same write", async () => {
  await withDatabase(async (database) => {
    const { index, writer } = parts(database);
    const member = { account: "m", name: "M", role: "member" } as const;
    await writer.putProposal("test", proposal("p", { releaseAt: null, members: [member] }));
    await writer.putDataset("test", dataset("d", "p", { releaseAt: null }));
    const reader = { ...anybody, account: "m" };
    assert.deepEqual([...(await index.proposalsOf("m"))], ["p"]);
    assert.equal((await index.proposal(reader, "p"))?.myRole, "member");
    await writer.putProposal("test", proposal("p", { releaseAt: null }));
    assert.deepEqual([...(await index.proposalsOf("m"))], []);
    assert.deepEqual(await index.datasetsById(reader, ["d"]), []);
  });
});

test("what another catalogue has cannot be taken over, and what is not seen goes, of its own catalogue only", async () => {
  await withDatabase(async (database) => {
    const { index, writer } = parts(database);
    await writer.putProposal("one", proposal("p"));
    await writer.putDataset("one", dataset("d", "p"));
    await writer.putProposal("two", proposal("q"));
    await writer.putDataset("two", dataset("e", "q"));
    assert.equal(await writer.putProposal("two", proposal("p", { title: "Mine now" })), "taken");
    assert.equal(await writer.putDataset("two", dataset("d", "q", { title: "Mine now" })), "taken");
    const nothing = { accounts: [], proposals: [], datasets: [] };
    assert.equal(await writer.removeUnseen("two", nothing), 2);
    assert.deepEqual(
      (await index.datasets(anybody, {}, page)).items.map((seen) => seen.dataset.title),
      ["Dataset d"],
    );
  });
});

test("roles that several catalogues declare add up", async () => {
  await withDatabase(async (database) => {
    const { index, writer } = parts(database);
    await writer.putAccount("one", { account: "a", name: "A", email: null, roles: ["support"] });
    await writer.putAccount("two", { account: "a", name: "A.", email: null, roles: ["admin", "support"] });
    assert.deepEqual(await index.account("a"), {
      account: "a",
      name: "A",
      email: null,
      roles: ["support", "admin"],
    });
    assert.equal(await index.account("b"), null);
  });
});

test("one process at a time harvests a catalogue", async () => {
  await withDatabase(async (database) => {
    const { writer } = parts(database);
    const inner = await writer.exclusively("one", async () => [
      await writer.exclusively("one", async () => "twice"),
      await writer.exclusively("two", async () => "another"),
    ]);
    assert.deepEqual(inner, [null, "another"]);
    assert.equal(await writer.exclusively("one", async () => "again"), "again");
  });
});

test("a NUL, half a character or an escape that a file had does no harm", async () => {
  await withDatabase(async (database) => {
    const { index, writer } = parts(database);
    await writer.putProposal("test", proposal("p", { title: "a\0b" }));
    await writer.putDataset("test", dataset("d", "p", { title: "c\0\ud800d \\u0000 \\" }));
    assert.equal((await index.datasetsById(anybody, ["d"]))[0]?.dataset.title, "c\ufffdd \\u0000 \\");
  });
});
