import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { until } from "../support/until.ts";
import { ask, raw, statusesIn } from "./support/asking.ts";
import type { Family, Stage } from "./support/family.ts";
import { lured } from "./support/lure.ts";
import { insideOwn } from "./support/people.ts";

/** What a session's own server tries by the bytes that it answers with. */
export const hostileSessionServer: Family = (stage, sameSite) => {
  const ok = "HTTP/1.1 200 OK\r\n";
  const evil = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Evil: 1\r\n\r\nEVIL!";
  const garbage: Readonly<Record<string, string>> = {
    "no HTTP at all": "\x00\x01\x02garbage\r\n\r\n",
    "HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "headers that never end": `${ok}${"X-Endless: 1\r\n".repeat(20_000)}`,
    "one header that never ends": `${ok}X: ${"a".repeat(200_000)}`,
    "a header with a NUL": `${ok}X: a\0b\r\nContent-Length: 0\r\n\r\n`,
    "a header with a bare carriage return": `${ok}X: a\rSet-Cookie: a=b; Domain=test\r\nContent-Length: 0\r\n\r\n`,
    "a status out of range": "HTTP/1.1 99 Odd\r\nContent-Length: 0\r\n\r\n",
    "a switch of protocols nobody asked for":
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nEVIL!",
    "two lengths": `${ok}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
    "length and chunks": `${ok}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    "a length that is none": `${ok}Content-Length: -1\r\n\r\nhello`,
    "an encoding nobody knows": `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  };

  for (const [what, bytes] of Object.entries(garbage))
    test(`break the gateway by answering with ${what}`, async () => {
      const { place, cookie } = await answering(stage(), bytes);
      const head = `GET / HTTP/1.1\r\nHost: ${place.host}\r\nCookie: ${cookie}\r\n\r\n`;
      const answer = await raw(stage().world, head, 400);
      assert.doesNotMatch(answer, /EVIL|Domain=test/);
      assert.ok(statusesIn(answer).length <= 1, answer);
      assert.equal((await ask(stage().world, stage().world.origin, "/")).status, 200);
    });

  const splits: Readonly<Record<string, string>> = {
    "more than it announced": `${ok}Content-Length: 2\r\n\r\nok${evil}`,
    "a body where there must be none": `HTTP/1.1 204 No Content\r\n\r\n${evil}`,
    "a second answer behind the first": `${ok}Content-Length: 0\r\n\r\n${evil}`,
    "a folded header": `${ok}X: a\r\n Content-Length: 0\r\n\r\n${evil}`,
    "line feeds alone": `${ok.replace("\r", "")}Content-Length: 2\n\nok${evil}`,
    "less than it announced": `${ok}Content-Length: 500\r\n\r\nshort`,
  };
  for (const [what, bytes] of Object.entries(splits))
    test(`answer the next request too, by sending ${what}`, async () => {
      const { place, cookie } = await answering(stage(), bytes);
      const { world } = stage();
      const first = `GET / HTTP/1.1\r\nHost: ${place.host}\r\nCookie: ${cookie}\r\n\r\n`;
      const second = `GET /docs/errors HTTP/1.1\r\nHost: ${new URL(world.origin).host}\r\n\r\n`;
      const answer = await raw(world, first + second, 400);
      const [, behind] = answer.split(/(?=HTTP\/1\.1 \d{3} )/).filter((one) => one !== "");
      assert.doesNotMatch(behind ?? "", /X-Evil|EVIL/, answer);
    });

  test("keep the gateway busy by informational answers without end", async () => {
    const { place, cookie } = await insideOwn(stage().world, "other");
    let sent = 0;
    let closed = false;
    place.server.raw = (socket) =>
      void socket.once("data", () => {
        pump(socket, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".repeat(100), (bytes) => {
          sent += bytes;
        });
        socket.on("close", () => {
          closed = true;
        });
      });
    void ask(stage().world, place.origin, "/", { headers: { cookie } }).catch(() => null);
    await until("the gateway to hang up", async () => closed, 10_000);
    assert.ok(sent < 4 * 1024 * 1024, `${sent} bytes were read`);
  });

  test("tell the browser what would outlive the session, or reach beyond its origin", async () => {
    const reaching = [
      ...[
        "Strict-Transport-Security: max-age=9; includeSubDomains",
        'Clear-Site-Data: "*"',
        'Alt-Svc: h3=":1"',
      ],
      ...[
        "Public-Key-Pins: x",
        "NEL: {}",
        "Report-To: {}",
        "Set-Login: logged-out",
        "X-Frame-Options: ALLOWALL",
      ],
      ...[
        "Referrer-Policy: unsafe-url",
        "Cross-Origin-Resource-Policy: cross-origin",
        "Cross-Origin-Opener-Policy: unsafe-none",
      ],
      ...[
        "Service-Worker-Allowed: /",
        "Proxy-Authenticate: Basic",
        "WWW-Authenticate: Negotiate",
        "Content-Security-Policy: frame-ancestors *",
      ],
    ];
    const { place, cookie } = await answering(
      stage(),
      `${ok}${reaching.join("\r\n")}\r\nContent-Length: 0\r\n\r\n`,
    );
    const { lines } = await ask(stage().world, place.origin, "/", { headers: { cookie } });
    const told = lines.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
    const gone = [
      "strict-transport-security",
      "clear-site-data",
      "alt-svc",
      "public-key-pins",
      "nel",
      "report-to",
      "set-login",
    ];
    for (const name of [...gone, "service-worker-allowed", "proxy-authenticate", "www-authenticate"])
      assert.ok(!told.includes(name), name);
    const text = lines.join(" ");
    assert.match(text, /frame-ancestors 'self'/);
    assert.doesNotMatch(text, /ALLOWALL|unsafe-url|unsafe-none|cross-origin(?!-)/);
  });

  test("set the gateway's own cookie, or a neighbour's, in any spelling", async () => {
    const names = [
      "__Host-endstation-visit",
      "__HOST-ENDSTATION-VISIT",
      " __Host-endstation-visit",
      "=__Host-endstation-visit",
    ];
    const lines = names.map((name) => `Set-Cookie: ${name}=x; Path=/; Secure`);
    const wide = [";Domain=", "; domain = ", ";\tDOMAIN=."].map(
      (way) => `Set-Cookie: a=b${way}apps.example.test`,
    );
    const { place, cookie } = await answering(
      stage(),
      `${ok}${[...lines, ...wide].join("\r\n")}\r\nContent-Length: 0\r\n\r\n`,
    );
    const { headers } = await ask(stage().world, place.origin, "/", { headers: { cookie } });
    assert.doesNotMatch(JSON.stringify(headers["set-cookie"]), /visit|domain/i);
  });

  test("log her out of the portal by Clear-Site-Data", () =>
    lured(stage(), async ({ page, place, victim }) => {
      place.server.pages.set("/clear", (_request, response) =>
        response.writeHead(200, { "clear-site-data": '"*"', "x-clear": '"*"' }).end("cleared"),
      );
      await page.goto(`${place.origin}/clear`);
      assert.equal(await victim.account(), "pi");
    }));

  if (sameSite)
    test("without the gateway's hand on Clear-Site-Data, that one succeeds", () =>
      lured(stage(), async ({ page, place, victim }) => {
        place.server.pages.set("/clear", (_request, response) =>
          response.writeHead(200, { "x-clear": '"*"' }).end("cleared"),
        );
        const restored = {
          answer: (headers: Record<string, unknown>) =>
            void Object.assign(headers, headers["x-clear"] && { "clear-site-data": headers["x-clear"] }),
        };
        await stage().world.front.without(
          restored,
          async () => void (await page.goto(`${place.origin}/clear`)),
        );
        assert.equal(await victim.account(), null);
      }));

  test("leave a service worker that outlives the session in her browser", () =>
    lured(stage(), async ({ page, place }) => {
      place.server.pages.set("/worker.js", (_request, response) =>
        response.writeHead(200, { "content-type": "text/javascript" }).end("onfetch=()=>{}"),
      );
      const left = await page.evaluate(async () => {
        for (const type of ["classic", "module"] as const)
          await navigator.serviceWorker.register("/worker.js", { type }).catch(() => null);
        return (await navigator.serviceWorker.getRegistrations()).length;
      });
      assert.equal(left, 0);
    }));
};

/** `other` is inside a session whose server answers everything with these bytes. */
async function answering({ world }: Stage, bytes: string) {
  const inside = await insideOwn(world, "other");
  inside.place.server.raw = (socket) => void socket.once("data", () => socket.write(bytes, "latin1"));
  return inside;
}

function pump(socket: Socket, piece: string, sent: (bytes: number) => void): void {
  const more = () => {
    while (!socket.destroyed && socket.write(piece)) sent(piece.length);
    sent(piece.length);
  };
  socket.on("drain", more);
  more();
}
