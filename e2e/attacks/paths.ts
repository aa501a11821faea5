import assert from "node:assert/strict";
import { test } from "node:test";
import { raw, statusesIn } from "./support/asking.ts";
import type { Family } from "./support/family.ts";
import { insideOwn, logIn } from "./support/people.ts";

/** What is tried by addresses that two readers could take for two different ones. */
export const paths: Family = (stage) => {
  const twofold = [
    ...[
      "/../x",
      "/a/../x",
      "/a/..",
      "/./x",
      "/%2e%2e/x",
      "/a/%2E%2e/x",
      "/a%2f..%2fx",
      "/a/.%2e",
      "//evil.example/x",
    ],
    ...[
      "/a\\..\\x",
      "/a%5c..%5cx",
      "/x%00",
      "/x%00.html",
      "/x%0a",
      "/x%0d%0aA:b",
      "/x%7f",
      "/x%",
      "/x%2",
      "/x%zz",
      "/x#y",
    ],
    ...["*", "x", "http:x", "/x y", "/\x80", "/\xc0\xae\xc0\xae/x", "/x\t"],
  ];

  test("reach the session's server with an address that means something else to it", async () => {
    const { world } = stage();
    const { place, cookie } = await insideOwn(world, "other");
    const before = place.server.seen.length;
    for (const path of twofold) {
      const answer = await raw(
        world,
        `GET ${path} HTTP/1.1\r\nHost: ${place.host}\r\nCookie: ${cookie}\r\n\r\n`,
        150,
      );
      assert.match(answer, /^HTTP\/1\.1 400 /, path);
    }
    assert.equal(place.server.seen.length, before);
  });

  test("have an address decoded twice, or in an overlong form, on its way", async () => {
    const { world } = stage();
    const { place, cookie } = await insideOwn(world, "other");
    const twice = [
      "/%252e%252e/x",
      "/%c0%ae%c0%ae/x",
      "/%e0%80%ae/x",
      "/%25%32%65/x",
      "/..%252fx",
      "/%u002e%u002e/x".replaceAll("%u", "u"),
    ];
    for (const path of twice) {
      await raw(world, `GET ${path} HTTP/1.1\r\nHost: ${place.host}\r\nCookie: ${cookie}\r\n\r\n`, 150);
      assert.equal(place.server.seen.at(-1)?.url, path, "to the letter");
    }
  });

  test("answer for the portal below its own path at a session's origin", async () => {
    const { world } = stage();
    const { place, cookie } = await insideOwn(world, "other");
    for (const path of [
      "/.endstation/",
      "/.endstation/enter",
      "/.endstation/x?y",
      "/.endstation//",
      "/x/../.endstation/enter",
    ]) {
      const answer = await raw(
        world,
        `GET ${path} HTTP/1.1\r\nHost: ${place.host}\r\nCookie: ${cookie}\r\n\r\n`,
        150,
      );
      assert.ok((statusesIn(answer)[0] ?? 0) >= 400, path);
    }
    assert.deepEqual(
      place.server.seen.filter(({ url }) => url.startsWith("/.endstation/")),
      [],
    );
  });

  test("read a file of the portal's machine", async () => {
    const { world } = stage();
    const pi = await logIn(world, "pi");
    const host = new URL(world.origin).host;
    const climbs = [
      "../",
      "%2e%2e/",
      "..%2f",
      "%2e%2e%2f",
      "..%5c",
      "%252e%252e%252f",
      "....//",
      "%c0%ae%c0%ae/",
    ];
    const starts = [
      "/",
      "/assets/",
      "/docs/",
      "/api/v1/datasets/lrmecs-3701-mgb2-8k/files/",
      "/api/v1/sessions/",
    ];
    for (const start of starts)
      for (const climb of climbs) {
        const path = `${start}${climb.repeat(8)}etc/passwd`;
        const head = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\nCookie: ${pi.cookie}\r\nConnection: close\r\n\r\n`;
        const answer = await raw(world, head, 150);
        assert.doesNotMatch(answer, /root:|daemon/, path);
        if (start.includes("files")) assert.match(answer, /^HTTP\/1\.1 40\d /, path);
      }
  });

  test("slip past who may call what by another spelling of a call", async () => {
    const { world } = stage();
    const host = new URL(world.origin).host;
    const spellings = [
      ...[
        "/api/v1/sessions/",
        "/API/v1/sessions",
        "//api/v1/sessions",
        "/api//v1/sessions",
        "/api/v1/./sessions",
      ],
      ...[
        "/api/v1/%73essions",
        "/api/v1/sessions;x",
        "/api/v1/sessions%2f",
        "/api/v1/sessions?",
        "/x/../api/v1/sessions",
      ],
      ...["/api/v1/sessions#x", "/api/v1/sessions%00", `http://${host}/api/v1/sessions`],
    ];
    for (const path of spellings) {
      const answer = await raw(
        world,
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
        200,
      );
      assert.match(answer, /^HTTP\/1\.1 40[014] /, path);
      assert.doesNotMatch(answer, /"items"/);
    }
  });
};
