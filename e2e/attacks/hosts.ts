import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, raw, statusesIn } from "./support/asking.ts";
import type { Family } from "./support/family.ts";
import { insideOwn, logIn, type Place, sessionOf } from "./support/people.ts";

/** What a client outside tries by saying that it asks for another host, or from another origin, than it does. */
export const hosts: Family = (stage) => {
  test("reach a session under a Host that only looks like its own", async () => {
    const { place, cookie } = await insideOwn(stage().world, "other");
    const { host } = place;
    const [name = "", port = ""] = host.split(":");
    const colon = port === "" ? "" : `:${port}`;
    const spoofed = [
      ...[
        `${name}.${colon}`,
        `x.${host}`,
        `${name}:1`,
        `${name}:`,
        `${host}:80`,
        `user@${host}`,
        `${host}@evil.example`,
      ],
      ...[
        `${host}.evil.example`,
        `evil.example`,
        `127.0.0.1${colon}`,
        `[::1]${colon}`,
        `xn--${host}`,
        `${host}%00`,
      ],
      ...[
        `${host}/`,
        `http://${host}`,
        `${name}%2e${colon}`,
        host.replace(".", "。"),
        `${host}#`,
        `${host}?`,
        "",
        ".",
      ],
    ];
    await unreached(place, async () => {
      for (const one of spoofed) {
        const answer = await raw(
          stage().world,
          `GET /reached HTTP/1.1\r\nHost: ${one}\r\nCookie: ${cookie}\r\n\r\n`,
        );
        assert.doesNotMatch(answer, /id=inside/, one);
      }
    });
  });

  test("reach a session, or the portal's trust, by two Hosts, none, or an absolute address", async () => {
    const { place, cookie } = await insideOwn(stage().world, "other");
    const portal = new URL(stage().world.origin).host;
    const rest = `Cookie: ${cookie}\r\nConnection: close\r\n\r\n`;
    const heads = [
      `GET /reached HTTP/1.1\r\nHost: ${portal}\r\nHost: ${place.host}\r\n${rest}`,
      `GET /reached HTTP/1.1\r\nHost: ${place.host}\r\nHost: ${portal}\r\n${rest}`,
      `GET /reached HTTP/1.1\r\nHost: ${place.host}\r\nhOST: ${place.host}\r\n${rest}`,
      `GET /reached HTTP/1.1\r\nHost : ${place.host}\r\n${rest}`,
      `GET /reached HTTP/1.1\r\n Host: ${place.host}\r\n${rest}`,
      `GET /reached HTTP/1.1\r\nX-Forwarded-Host: ${place.host}\r\nHost: ${portal}\r\n${rest}`,
      `GET ${place.origin}/reached HTTP/1.1\r\nHost: ${portal}\r\n${rest}`,
      `GET ${stage().world.origin}/reached HTTP/1.1\r\nHost: ${place.host}\r\n${rest}`,
      `GET //${place.host}/reached HTTP/1.1\r\nHost: ${portal}\r\n${rest}`,
      `GET /reached HTTP/1.1\r\n${rest}`,
      `GET @${place.host}/reached HTTP/1.1\r\nHost: ${portal}\r\n${rest}`,
      `CONNECT ${place.host} HTTP/1.1\r\nHost: ${place.host}\r\n${rest}`,
    ];
    await unreached(place, async () => {
      for (const head of heads) assert.doesNotMatch(await raw(stage().world, head), /id=inside/, head);
    });
  });

  test("have the portal name a host of the attacker's in an answer, a redirect or a cookie", async () => {
    const { world } = stage();
    const evil = "evil.example";
    for (const path of [
      "/",
      "/auth/login?returnTo=/",
      "/device",
      "/api/v1/me",
      "/openapi.json",
      "//evil.example/%2e%2e",
    ])
      for (const name of [
        "host",
        "x-forwarded-host",
        "forwarded",
        "x-original-url",
        "x-rewrite-url",
        "x-forwarded-prefix",
      ]) {
        const value = name === "forwarded" ? `host=${evil};proto=http` : evil;
        const { headers, body } = await ask(world, world.origin, path, { headers: { [name]: value } });
        const told = JSON.stringify([
          headers["location"],
          headers["set-cookie"],
          path.startsWith("//") ? "" : body,
        ]);
        assert.doesNotMatch(told, /evil\.example/, `${path} ${name}`);
      }
  });

  test("be taken for the session's own page by an Origin that only looks like it", async () => {
    const { place, cookie } = await insideOwn(stage().world, "other");
    const { origin, host } = place;
    const spoofed = [
      ...[
        `${origin}.`,
        `${origin}/`,
        `${origin}:80`,
        `${origin}:443`,
        origin.toUpperCase(),
        `${origin}.evil.example`,
      ],
      ...[
        "null",
        "",
        `${origin} `.trimEnd().concat(", ", origin),
        `https://user@${host}`,
        `https://${host}@evil.example`,
      ],
      ...[
        origin.replace(/^https?/, (scheme) => (scheme === "http" ? "https" : "http")),
        stage().world.origin,
        "*",
      ],
      ...[`https://xn--${host}`, origin.replace("://", ":\\\\"), `file://${host}`, `${origin}\t`],
    ].filter((one) => one.trim() !== origin);
    await unreached(place, async () => {
      for (const one of spoofed) {
        const head = `Host: ${host}\r\nCookie: ${cookie}\r\nOrigin: ${one}\r\n`;
        const change = await raw(
          stage().world,
          `POST /reached HTTP/1.1\r\n${head}Content-Length: 0\r\n\r\n`,
          200,
        );
        assert.match(change, /^HTTP\/1\.1 40[03] /, one);
        const upgrade = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${"A".repeat(22)}==\r\n`;
        assert.match(
          await raw(stage().world, `GET /reached HTTP/1.1\r\n${head}${upgrade}\r\n`, 200),
          /^HTTP\/1\.1 40[03] /,
          one,
        );
      }
    });
  });

  test("be taken for the portal's own page by an Origin that only looks like it", async () => {
    const { world } = stage();
    const pi = await logIn(world, "pi");
    const { origin } = world;
    const spoofed = [
      `${origin}.`,
      `${origin}/`,
      `${origin}:1`,
      origin.toUpperCase(),
      `${origin}.evil.example`,
      "null",
      "",
      "*",
    ];
    for (const one of [...spoofed, world.originOf("a".repeat(26)), `${origin}, ${origin}`]) {
      const headers = {
        cookie: pi.cookie,
        origin: one,
        "content-type": "application/json",
        "sec-fetch-site": "same-origin",
      };
      const made = await ask(world, origin, "/api/v1/tokens", {
        method: "POST",
        headers,
        body: '{"name":"x"}',
      });
      assert.equal(made.status, 403, one);
    }
  });

  test("get at a person's things by a name that was turned round to this machine (DNS rebinding)", async () => {
    const { world } = stage();
    const { place } = await insideOwn(stage().world, "other");
    for (const host of [
      "evil.example",
      "127.0.0.1",
      "0.0.0.0",
      "[::1]",
      `${place.host.split(".")[0]}.evil.example`,
    ])
      for (const path of ["/api/v1/me", "/api/v1/sessions", "/api/v1/datasets", "/reached"]) {
        const { status, headers } = await ask(world, `http://${host}`, path, {
          headers: { origin: `http://${host}` },
        });
        assert.ok([400, 401, 404].includes(status), `${host} ${path}: ${status}`);
        assert.equal(headers["access-control-allow-origin"], undefined);
      }
  });

  test("use one connection, let in at one session, for another one behind it", async () => {
    const { place, cookie } = await insideOwn(stage().world, "other");
    const target = await sessionOf(stage().world, await logIn(stage().world, "pi"));
    const ask = (host: string, path: string) =>
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n\r\n`;
    await unreached(target, async () => {
      const answer = await raw(
        stage().world,
        ask(place.host, "/own") + ask(target.host, "/reached") + ask(place.host, "/own"),
      );
      assert.deepEqual(statusesIn(answer), [200, 404, 200]);
    });
  });
};

async function unreached({ server }: Place, run: () => Promise<void>): Promise<void> {
  await run();
  assert.deepEqual(
    server.seen.filter(({ url }) => url.includes("reached")).map(({ method, url }) => `${method} ${url}`),
    [],
  );
}
