import assert from "node:assert/strict";
import { test } from "node:test";
import { withDataPortal } from "./data-testing.ts";

test("R3 R12 R42 R66 who may not read a dataset's bytes learns nothing of what is inside its files", () =>
  withDataPortal(async ({ get }) => {
    const ask = async (account: string | null, dataset: string, query = "meta?file=chopper.nxs") => {
      const answer = await get(account, `/datasets/${dataset}/hdf5/${query}`);
      const body = (await answer.json()) as Record<string, unknown>;
      return { status: answer.status, code: body["code"], message: body["message"], body };
    };
    const lrmecs = "lrmecs-3701-mgb2-8k";
    assert.equal((await ask("pi", lrmecs)).body["kind"], "group");
    const nobody = await ask(null, lrmecs);
    assert.deepEqual([nobody.status, nobody.code], [401, "not-logged-in"]);
    const embargoed = await ask("pi", "larmor-14250-steel");
    assert.deepEqual([embargoed.status, embargoed.code], [422, "dataset-embargoed"]);
    const hidden = await ask("pi", "nsls-1998-polystyrene-spheres");
    assert.deepEqual([hidden.status, hidden.code], [404, "not-found"]);
    const none = await ask("pi", "none");
    assert.equal(none.message, hidden.message);
    // An open dataset may be looked into, and nothing beside it.
    assert.equal(
      (await ask("pi", "sans2d-33837-map", "paths?file=33837rear_2D_1.75_16.5_NXcanSAS_v3.h5")).status,
      200,
    );
    for (const file of ["../../ipns-2001-mgb2/lrmecs-3701-mgb2-8k/chopper.nxs", "/etc/passwd", "%00"])
      assert.equal((await ask("pi", "sans2d-33837-map", `meta?file=${file}`)).status, 404, file);
    // A link that leads to a dataset which she may read all the same is none of this one.
    assert.equal((await ask("pi", "bam-oriented-iron", "meta?file=of-others.nxs")).status, 404);
  }));

test("what a file holds is never shown as a part of the portal", () =>
  withDataPortal(async ({ get }) => {
    const answer = await get("pi", "/datasets/lrmecs-3701-mgb2-8k/hdf5/meta?file=chopper.nxs");
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.match(answer.headers.get("content-security-policy") ?? "", /^sandbox/);
    await answer.arrayBuffer();
    const npy = "data?file=chopper.nxs&path=/entry/data/data&format=npy&selection=0,:";
    const saved = await get("pi", `/datasets/lrmecs-3701-mgb2-8k/hdf5/${npy}`);
    assert.equal(saved.headers.get("content-disposition"), 'attachment; filename="data.npy"');
    assert.ok(
      Buffer.from(await saved.arrayBuffer())
        .subarray(1, 6)
        .equals(Buffer.from("NUMPY")),
    );
  }));
