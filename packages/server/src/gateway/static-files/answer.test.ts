import assert from "node:assert/strict";
import { test } from "node:test";
import { answerWith } from "./answer.ts";
import type { Encoding, StaticFile } from "./list.ts";

const sha256 = "ab".repeat(32);
const tag = sha256.slice(0, 32);
const forms: [Encoding, number][] = [
  ["br", 20],
  ["zstd", 30],
  ["gzip", 40],
];
const file: StaticFile = {
  ...{ type: "application/javascript", sha256, plain: { path: "/e/a.js", size: 100 } },
  companions: [],
  packed: new Map(forms.map(([encoding, size]) => [encoding, { path: `/p/${encoding}`, size }])),
};

function asked(headers: Record<string, string>, method = "GET", what = file) {
  const answer = answerWith(what, { method, target: "/", headers });
  const told = new Map(
    answer.headers.flatMap((name, n) =>
      n % 2 === 0 ? [[name.toLowerCase(), answer.headers[n + 1] ?? ""] as const] : [],
    ),
  );
  return { ...answer, told: (name: string) => told.get(name) };
}

const accepted: readonly (readonly [string | undefined, string | undefined])[] = [
  ["gzip, deflate, br, zstd", "br"],
  ["gzip, deflate", "gzip"],
  ["zstd;q=0.1, gzip;q=1", "zstd"],
  ["br;q=0, gzip", "gzip"],
  ["*", "br"],
  ["*;q=0", undefined],
  ["identity", undefined],
  ["BR", "br"],
  ["x-gzip", "gzip"],
  [undefined, undefined],
];

for (const [header, encoding] of accepted)
  test(`a browser that accepts "${header}" gets ${encoding ?? "the file as it is"}`, () => {
    const { status, told, representation } = asked(header === undefined ? {} : { "accept-encoding": header });
    assert.deepEqual([status, told("content-encoding")], [200, encoding]);
    assert.equal(told("content-length"), String(representation.stored.size));
    assert.equal(told("vary"), "Accept-Encoding");
    assert.equal(told("etag"), encoding === undefined ? `"${tag}"` : `"${tag}-${encoding}"`);
    assert.equal(told("cache-control"), "private, max-age=31536000, immutable");
  });

test("what the gateway says on every answer of a session is said here too", () => {
  const { told } = asked({});
  assert.equal(told("x-frame-options"), "SAMEORIGIN");
  assert.equal(told("cross-origin-resource-policy"), "same-origin");
  assert.equal(told("content-security-policy"), "frame-ancestors 'self'");
  assert.equal(told("referrer-policy"), "same-origin");
  assert.equal(told("x-content-type-options"), "nosniff");
});

test("each form has a tag of its own, and only its own is not sent again", () => {
  const known = (etag: string, encoding = "br") =>
    asked({ "if-none-match": etag, "accept-encoding": encoding }).status;
  assert.equal(known(`"${tag}-br"`), 304);
  assert.equal(known(`W/"${tag}-br"`), 304);
  assert.equal(known(`"x", "${tag}-br"`), 304);
  assert.equal(known("*"), 304);
  assert.equal(known(`"${tag}"`), 200);
  assert.equal(known(`"${tag}-br"`, "gzip"), 200);
  const { body, told } = asked({ "if-none-match": `"${tag}"` });
  assert.deepEqual([body, told("content-length"), told("vary")], [null, undefined, "Accept-Encoding"]);
});

test("parts are of the file as it is, whatever is accepted", () => {
  const headers = { "accept-encoding": "br", range: "bytes=10-19" };
  const part = asked(headers);
  assert.deepEqual(
    [part.status, part.body, part.told("content-encoding")],
    [206, { start: 10, end: 19 }, undefined],
  );
  assert.deepEqual([part.told("content-range"), part.told("content-length")], ["bytes 10-19/100", "10"]);
  const outside = asked({ range: "bytes=100-" });
  assert.deepEqual([outside.status, outside.body, outside.told("content-range")], [416, null, "bytes */100"]);
  assert.equal(asked({ ...headers, "if-range": `"${tag}"` }).status, 206);
  const other = asked({ ...headers, "if-range": `"${tag}-br"` });
  assert.deepEqual([other.status, other.told("content-length")], [200, "100"]);
});

test("HEAD says what GET would, and nothing follows", () => {
  const get = asked({ "accept-encoding": "br" });
  const head = asked({ "accept-encoding": "br", range: "bytes=0-1" }, "HEAD");
  assert.deepEqual([head.status, head.headers, head.body], [200, get.headers, null]);
});

test("what is not worth packing does not vary", () => {
  const { told } = asked({ "accept-encoding": "br" }, "GET", { ...file, packed: new Map() });
  assert.deepEqual([told("vary"), told("content-encoding")], [undefined, undefined]);
});
