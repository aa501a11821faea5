import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile, readlink } from "node:fs/promises";
import { get as httpGet } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import {
  datafile,
  datasetDetail,
  dataset as datasetSchema,
  pageOf,
  preview,
  problem,
  proposal as proposalSchema,
} from "@endstation/api";
import { type DataPortal, principalNamed, withDataPortal } from "./data-testing.ts";

const lrmecs = "lrmecs-3701-mgb2-8k";
const open = "bam-oriented-iron";
const embargoed = "larmor-14250-steel";

/** Who sees what of the demonstration: m(ember), o(pen), e(mbargoed), - nothing at all. */
const sights: Readonly<
  Record<string, readonly [lrmecs: string, open: string, embargoed: string, soleil: string, spheres: string]>
> = {
  pi: ["m", "m", "e", "m", "-"],
  member: ["m", "o", "e", "o", "-"],
  "local-contact": ["m", "o", "e", "m", "m"],
  other: ["-", "o", "e", "o", "m"],
  industry: ["-", "o", "m", "o", "-"],
  support: ["-", "o", "e", "o", "-"],
  admin: ["-", "o", "e", "o", "-"],
  guest: ["-", "o", "e", "o", "-"],
  stranger: ["-", "o", "e", "o", "-"],
};
const looked = [lrmecs, open, embargoed, "soleil-2013-scan-101", "nsls-1998-polystyrene-spheres"];
const letters: Readonly<Record<string, string>> = { open: "o", member: "m", embargoed: "e" };

async function codeOf(response: Response): Promise<string> {
  assert.match(response.headers.get("content-type") ?? "", /^application\/problem\+json/);
  return problem.parse(await response.json()).code;
}

async function allDatasets({ get }: DataPortal, account: string, query = "") {
  const response = await get(account, `/datasets?limit=200${query}`);
  assert.equal(response.status, 200);
  return pageOf(datasetSchema).parse(await response.json()).items;
}

test("R2 R3 R12 R19 R110 R134 data over HTTP", async (context) => {
  await withDataPortal(async (portal) => {
    const { get } = portal;

    await context.test("every account sees of every kind of data what it may, on every route", async () => {
      for (const [account, expected] of Object.entries(sights)) {
        const listed = new Map(
          (await allDatasets(portal, account)).map((one) => [one.id, letters[one.access]]),
        );
        for (const [index, id] of looked.entries()) {
          const sight = expected[index] as string;
          assert.equal(listed.get(id) ?? "-", sight, `${account} ${id} in the list`);
          const single = await get(account, `/datasets/${id}`);
          assert.equal(single.status, sight === "-" ? 404 : 200, `${account} ${id}`);
          await single.body?.cancel();
          for (const path of [
            `/datasets/${id}/files`,
            `/datasets/${id}/preview`,
            `/datasets/${id}/files/LICENCE`,
          ]) {
            const inside = await get(account, path);
            assert.equal(
              inside.status,
              sight === "-" ? 404 : sight === "e" ? 422 : 200,
              `${account} ${path}`,
            );
            if (sight === "e") assert.equal(await codeOf(inside), "dataset-embargoed");
            else if (sight === "-") assert.equal(await codeOf(inside), "not-found");
            else await inside.body?.cancel();
          }
        }
      }
    });

    await context.test(
      "what is not there and what is not hers are answered with the very same words",
      async () => {
        for (const path of ["", "/files", "/preview", "/files/chopper.nxs"]) {
          const [hidden, nothing] = await Promise.all([
            get("other", `/datasets/${lrmecs}${path}`).then((response) => response.text()),
            get("other", `/datasets/no-such-dataset${path}`).then((response) => response.text()),
          ]);
          assert.equal(hidden, nothing);
        }
        const [hidden, nothing] = await Promise.all([
          get("other", "/proposals/ipns-2001-mgb2").then((response) => response.text()),
          get("other", "/proposals/no-such-proposal").then((response) => response.text()),
        ]);
        assert.equal(hidden, nothing);
      },
    );

    await context.test("nobody who is not logged in gets anything", async () => {
      for (const path of ["/proposals", "/datasets", `/datasets/${open}`, `/datasets/${open}/files/LICENCE`])
        assert.equal((await get(null, path)).status, 401, path);
    });

    await context.test(
      "R17 proposals: mine, with my role, the team's names, and live sessions for the team only",
      async () => {
        const mine = pageOf(proposalSchema).parse(
          await (await get("pi", "/proposals?mine=true&limit=200")).json(),
        ).items;
        assert.ok(mine.length >= 4 && mine.every((one) => one.myRole !== null && one.liveSessionCount === 7));
        const [first] = mine.filter((one) => one.id === "ipns-2001-mgb2");
        assert.deepEqual([first?.instrument, first?.facility, first?.datasetCount], ["LRMECS", "IPNS", 1]);
        assert.deepEqual(first?.members.map((one) => one.role).sort(), [
          "local-contact",
          "member",
          "principal-investigator",
        ]);
        const all = pageOf(proposalSchema).parse(
          await (await get("guest", "/proposals?limit=200")).json(),
        ).items;
        assert.ok(all.every((one) => one.myRole === null && one.liveSessionCount === 0));
        assert.ok(
          !all.some((one) => one.id === "ipns-2001-mgb2") &&
            all.some((one) => one.id === "bam-oriented-iron"),
        );
        const times = all.map((one) => one.startsAt ?? "");
        assert.deepEqual(
          times.map((at) => Date.parse(at)),
          times.map((at) => Date.parse(at)).toSorted((a, b) => b - a),
        );
      },
    );

    await context.test("R10 R11 R13 lists are paged and narrowed", async () => {
      const all = (await allDatasets(portal, "pi")).map((one) => one.id);
      const paged: string[] = [];
      for (let cursor = ""; ; ) {
        const page = pageOf(datasetSchema).parse(
          await (await get("pi", `/datasets?limit=3${cursor}`)).json(),
        );
        paged.push(...page.items.map((one) => one.id));
        if (page.next === null) break;
        cursor = `&cursor=${encodeURIComponent(page.next)}`;
      }
      assert.deepEqual(paged, all);
      const found = async (query: string) => (await allDatasets(portal, "pi", query)).map((one) => one.id);
      assert.deepEqual(await found("&q=mgb2"), [lrmecs]);
      assert.deepEqual(await found("&instrument=lrmecs"), [lrmecs]);
      assert.deepEqual(await found("&proposal=ipns-2001-mgb2"), [lrmecs]);
      assert.deepEqual(await found("&technique=PaNET01245"), [lrmecs]);
      assert.ok((await found("&technique=PaNET01124")).length >= 10);
      assert.deepEqual(await found("&access=embargoed"), [embargoed]);
      assert.deepEqual(await found("&from=2021-01-01T00:00:00Z&to=2022-12-31T00:00:00Z"), [
        "aps-2022-gisaxs",
      ]);
      assert.deepEqual(await found("&q=nothing+of+that+kind"), []);
    });

    await context.test("a request of the wrong shape is 400 and names the field", async () => {
      const wrong = [
        "/datasets?limit=0",
        "/datasets?limit=x",
        "/datasets?cursor=x",
        "/datasets?access=mine",
        "/datasets?from=yesterday",
        `/datasets?q=${"x".repeat(300)}`,
        "/proposals?mine=perhaps",
      ];
      for (const path of wrong) {
        const response = await get("pi", path);
        assert.equal(response.status, 400, path);
        assert.equal(await codeOf(response), "malformed-request");
      }
    });

    await context.test(
      "one dataset has parameters, definitions, licence, source and what hinders reading it",
      async () => {
        const one = datasetDetail.parse(await (await get("pi", `/datasets/${lrmecs}`)).json());
        assert.deepEqual(one.techniques[0], { id: "PaNET01245", label: "inelastic neutron spectroscopy" });
        assert.ok(
          one.parameters.some(
            (parameter) => parameter.name === "incident energy" && parameter.unit === "meV",
          ),
        );
        assert.match(one.source ?? "", /^punx /);
        assert.equal(one.licence, "CC-BY-4.0");
        const missing = datasetDetail.parse(
          await (await get("pi", "/datasets/diamond-2019-therm-6-2")).json(),
        );
        assert.match(missing.problems.join(), /Therm_6_2_000001\.h5/);
        const withLinks = datasetDetail.parse(await (await get("pi", `/datasets/${open}`)).json());
        assert.match(withLinks.problems.join(), /passwd: it is a link that leads out/);
      },
    );

    await context.test("R66 previews: an image, a curve, and none with the reason", async () => {
      const of = async (id: string) =>
        preview.parse(await (await get("pi", `/datasets/${id}/preview`)).json());
      const image = await of(lrmecs);
      assert.ok(image.shape === "image" && image.values.length === image.width * image.height);
      assert.equal((await of("aps-2018-vtma-series")).shape, "curve");
      const none = await of("diamond-2019-therm-6-2");
      assert.ok(none.shape === "none" && /not here/.test(none.why));
      const text = await of("pymca-xrf-steel");
      assert.ok(text.shape === "none" && text.why !== "");
    });

    await context.test(
      "R69 files are listed with format and reason, and their bytes are the file's",
      async () => {
        const files = pageOf(datafile).parse(await (await get("pi", `/datasets/${open}/files`)).json()).items;
        const problems = new Map(files.map((one) => [one.path, one.problem]));
        assert.match(problems.get("passwd") ?? "", /leads out/);
        assert.match(problems.get("of-others.nxs") ?? "", /leads out/);
        for (const file of files) {
          const response = await get(
            "pi",
            `/datasets/${open}/files/${file.path.split("/").map(encodeURIComponent).join("/")}`,
          );
          assert.equal(response.status, file.problem === null ? 200 : 404, file.path);
          const bytes = Buffer.from(await response.arrayBuffer());
          if (file.problem !== null) continue;
          const original = await readFile(
            join(portal.archive, "bam-oriented-iron/bam-oriented-iron", file.path),
          );
          assert.equal(digest(bytes), digest(original), file.path);
          assert.equal(response.headers.get("content-length"), String(original.length));
        }
      },
    );

    await context.test("bytes leave as attachments that no browser runs", async () => {
      const response = await get("pi", `/datasets/${open}/files/inner/evil.html`);
      const header = (name: string) => response.headers.get(name) ?? "";
      assert.equal(header("content-type"), "application/octet-stream");
      assert.match(header("content-disposition"), /^attachment; filename="evil\.html"/);
      assert.match(header("content-security-policy"), /^sandbox/);
      assert.equal(header("x-content-type-options"), "nosniff");
      assert.match(header("cache-control"), /private/);
      const odd = await get("pi", `/datasets/${open}/files/inner/${encodeURIComponent("Größe 100%.txt")}`);
      assert.equal(
        odd.headers.get("content-disposition"),
        `attachment; filename="Gr__e 100_.txt"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20100%25.txt`,
      );
    });

    await context.test("ranges, etags and HEAD", async () => {
      const path = `/datasets/${open}/files/inner/${encodeURIComponent("Größe 100%.txt")}`;
      const whole = await get("pi", path);
      const etag = whole.headers.get("etag") ?? "";
      assert.match(etag, /^"[^"]+"$/);
      const ask = async (headers: Record<string, string>) => {
        const response = await get("pi", path, headers);
        return [response.status, response.headers.get("content-range"), await response.text()];
      };
      assert.deepEqual(await ask({ range: "bytes=2-4" }), [206, "bytes 2-4/10", "234"]);
      assert.deepEqual(await ask({ range: "bytes=-3" }), [206, "bytes 7-9/10", "789"]);
      assert.deepEqual(await ask({ range: "bytes=8-" }), [206, "bytes 8-9/10", "89"]);
      assert.deepEqual(await ask({ range: "bytes=0-1,4-5" }), [200, null, "0123456789"]);
      assert.deepEqual(await ask({ range: "bytes=2-4", "if-range": etag }), [206, "bytes 2-4/10", "234"]);
      assert.deepEqual(await ask({ range: "bytes=2-4", "if-range": '"other"' }), [200, null, "0123456789"]);
      assert.deepEqual(await ask({ "if-none-match": etag }), [304, null, ""]);
      assert.deepEqual(await ask({ "if-none-match": `"a", W/${etag}` }), [304, null, ""]);
      assert.deepEqual(await ask({ "if-none-match": '"other"' }), [200, null, "0123456789"]);
      const outside = await get("pi", path, { range: "bytes=10-" });
      assert.deepEqual([outside.status, outside.headers.get("content-range")], [416, "bytes */10"]);
      assert.equal(await codeOf(outside), "range-invalid");
      const head = await fetch(`${portal.url}/api/v1${path}`, {
        method: "HEAD",
        headers: { "x-account": "pi" },
      });
      assert.deepEqual([head.status, head.headers.get("content-length"), await head.text()], [200, "10", ""]);
      const empty = await get("pi", `/datasets/${open}/files/inner/empty.txt`);
      assert.deepEqual(
        [empty.status, empty.headers.get("content-length"), await empty.text()],
        [200, "0", ""],
      );
    });

    await context.test(
      "a download that is broken off lets go of the file, as every answer does",
      async () => {
        const gone = new AbortController();
        const path = `/api/v1/datasets/${open}/files/BAM_2D.h5`;
        const response = await fetch(`${portal.url}${path}`, {
          headers: { "x-account": "pi" },
          signal: gone.signal,
        });
        await response.body?.getReader().read();
        assert.equal(await openFilesBelow(portal.archive), 1);
        gone.abort();
        const deadline = Date.now() + 20_000;
        while ((await openFilesBelow(portal.archive)) > 0) {
          assert.ok(Date.now() < deadline, "a file is still open");
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      },
    );

    await context.test("no path leads out of the dataset, however it is written", async () => {
      const ways = [
        "../facility.yaml",
        "..%2f..%2ffacility.yaml",
        "%2e%2e/%2e%2e/facility.yaml",
        "inner/../../../facility.yaml",
        "%2fetc%2fpasswd",
        "/etc/passwd",
        "inner",
        "inner%00evil.html",
        "..%5c..%5cfacility.yaml",
        "passwd",
        "of-others.nxs",
        "%c0%ae%c0%ae/facility.yaml",
        "inner//evil.html",
        "./LICENCE",
        ".%2fLICENCE",
      ];
      for (const way of ways) {
        const { status, body } = await raw(portal.url, `/api/v1/datasets/${open}/files/${way}`);
        assert.ok(status === 404 || status === 400, `${way}: ${status}`);
        assert.doesNotMatch(body, /accounts:|root:x/);
      }
    });

    await context.test(
      "R58 sessions: data and folders for who may read them, refusals as values",
      async () => {
        const { rights } = portal;
        const never = new AbortController().signal;
        const datasets = await rights.datasetsFor(principalNamed("pi"), [open, lrmecs, open], never);
        assert.ok(!("allowed" in datasets));
        assert.deepEqual(
          datasets.map((one) => one.id),
          [open, lrmecs],
        );
        const refused = async (account: string, ids: readonly string[]) => {
          const answer = await rights.datasetsFor(principalNamed(account), ids, never);
          return "allowed" in answer ? answer.code : "none";
        };
        assert.equal(await refused("other", [open, lrmecs]), "not-found");
        assert.equal(await refused("other", [open, "no-such"]), "not-found");
        assert.equal(await refused("other", [open, embargoed]), "dataset-embargoed");
        assert.equal(await refused("other", []), "none");
        assert.equal(
          await rights.mayReadAll(principalNamed("local-contact"), ["soleil-2013-scan-101"]),
          true,
        );
        assert.deepEqual([...(await rights.proposalsOf("industry"))], ["isis-larmor-2016-steel"]);
        assert.equal(await rights.folderOf(lrmecs), join(portal.archive, "ipns-2001-mgb2", lrmecs));
        assert.equal(await rights.folderOf("no-such"), null);
      },
    );
  });
});

/** How many files below the folder this process, in which the portal runs, has open. */
async function openFilesBelow(folder: string): Promise<number> {
  const descriptors = await readdir("/proc/self/fd");
  const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")));
  return targets.filter((target) => target.startsWith(`${folder}/`)).length;
}

function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** As written on the wire: `fetch` would tidy the path first. */
function raw(url: string, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    httpGet({ hostname, port, path, headers: { "x-account": "pi" } }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    }).on("error", reject);
  });
}
