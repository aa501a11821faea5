import assert from "node:assert/strict";
import { test } from "node:test";
import { hasTooManyCookies } from "./unreadable.ts";

const told = (head: string) => hasTooManyCookies(Buffer.from(head));
const agent = "\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)";

test("headers too long by cookies are known, whichever piece of them is met", () => {
  const cookies = `a=${"x".repeat(4_000)}; b=${"x".repeat(4_000)}`;
  assert.ok(told(`GET / HTTP/1.1${agent}\r\nCookie: ${cookies}`));
  assert.ok(told(`${cookies}; c=${cookies}\r\nAccept: */*`));
});

test("a long address, to which any site can lead, is never taken for cookies", () => {
  const long = "a".repeat(40_000);
  for (const head of [
    `GET /${long}`,
    `GET /${long} HTTP/1.1\r\nHost: x${agent}\r\nCookie: a=1; b=2`,
    long,
    `${long} HTTP/1.1\r\nHost: x${agent}\r\nCookie: a=1; b=2\r\n`,
    `GET / HTTP/1.1${agent}\r\nReferer: https://x/${"a".repeat(40_000)}\r\nCookie: a=1; b=2`,
  ])
    assert.equal(told(head), false, head.slice(0, 60));
});
