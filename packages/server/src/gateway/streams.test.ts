import assert from "node:assert/strict";
import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { allowed } from "@endstation/core";
import { ask, raw, until } from "./testing/browser.ts";
import { enter } from "./testing/entering.ts";
import { type House, withHouse } from "./testing/house.ts";
import { withServer } from "./testing/plain-server.ts";

/** A house whose session's server is `listener`, with somebody inside. */
function inside(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
  run: (house: House, head: string) => Promise<void>,
  uploadIdleMs = 60_000,
): Promise<void> {
  return withServer(listener, (socket) =>
    withHouse(
      async (house) => {
        const { host, origin } = house.first;
        const cookie = await enter(house, house.first);
        await run(house, `Host: ${host}\r\nOrigin: ${origin}\r\nCookie: ${cookie}\r\n`);
      },
      socket,
      { uploadIdleMs },
    ),
  );
}

const twoGigabytes = 2 * 1024 ** 3;
/** What this process, with the browser's and the session's side in it, may grow by meanwhile. */
const mostGrown = 256 * 1024 ** 2;
const piece = Buffer.alloc(64 * 1024, 7);

test("2 GB go up and down at constant memory", () =>
  inside(gigabytes, async (house, head) => {
    const before = process.memoryUsage().rss;
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss - before);
    }, 50);
    const [down, up] = [await download(house, head), await upload(house, head)];
    clearInterval(watch);
    assert.deepEqual([down, up], [twoGigabytes, twoGigabytes]);
    console.log(`figure: 2 GB down and up: memory grew by ${Math.round(most / 1024 ** 2)} MiB at most`);
    assert.ok(most < mostGrown, `memory grew by ${most} bytes`);
  }));

function gigabytes(request: IncomingMessage, response: ServerResponse): void {
  if (request.method === "PUT") {
    let taken = 0;
    request.on("data", (chunk: Buffer) => {
      taken += chunk.length;
    });
    request.on("end", () => response.end(String(taken)));
    return;
  }
  response.writeHead(200, { "Content-Length": twoGigabytes });
  let left = twoGigabytes;
  const more = () => {
    while (left > 0) {
      left -= piece.length;
      if (!response.write(piece)) return void response.once("drain", more);
    }
    response.end();
  };
  more();
}

function optionsOf(house: House, head: string, method: string) {
  const lines = head.trim().split("\r\n");
  const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/).slice(0, 2)));
  return { host: "127.0.0.1", port: house.port, path: "/x", method, headers, agent: false } as const;
}

function download(house: House, head: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(optionsOf(house, head, "GET"), (answer) => {
      let taken = 0;
      answer.on("data", (chunk: Buffer) => {
        taken += chunk.length;
      });
      answer.on("end", () => resolve(taken)).on("error", reject);
    });
    asked.on("error", reject).end();
  });
}

function upload(house: House, head: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(optionsOf(house, head, "PUT"), (answer) => {
      answer.setEncoding("utf8").on("data", (taken) => resolve(Number(taken)));
    });
    asked.on("error", reject);
    let left = twoGigabytes;
    const more = () => {
      while (left > 0) {
        left -= piece.length;
        if (!asked.write(piece)) return void asked.once("drain", more);
      }
      asked.end();
    };
    more();
  });
}

test("ranges are the session's own; answers without a body leave the connection for the next request", () =>
  inside(ranged, async (house, head) => {
    const part = await raw(house.port, `GET /part HTTP/1.1\r\n${head}Range: bytes=2-4\r\n\r\n`);
    assert.match(part, /^HTTP\/1\.1 206 [\s\S]*Content-Range: bytes 2-4\/9[\s\S]*\r\n\r\ncde$/);
    const asked = ["GET /none", "GET /same", "HEAD /part", "GET /whole"];
    const all = await raw(house.port, asked.map((line) => `${line} HTTP/1.1\r\n${head}\r\n`).join(""));
    assert.deepEqual(
      all.match(/HTTP\/1\.1 \d+/g),
      [204, 304, 200, 200].map((status) => `HTTP/1.1 ${status}`),
    );
    assert.match(all, /\r\n\r\nabcdefghi$/);
  }));

function ranged(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === "/none") response.writeHead(204).end();
  else if (request.url === "/same") response.writeHead(304, { ETag: '"1"' }).end();
  else if (request.headers.range === "bytes=2-4")
    response.writeHead(206, { "Content-Range": "bytes 2-4/9", "Content-Length": 3 }).end("cde");
  else response.writeHead(200, { "Content-Length": 9 }).end("abcdefghi");
}

test("trailers stay on their side: the body is whole, and the connection goes on", () => {
  const heard: string[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    let body = "";
    request.setEncoding("latin1").on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      heard.push(`${body} ${JSON.stringify(request.trailers)}`);
      response.writeHead(200, { Trailer: "Set-Cookie" });
      response.write("whole");
      response.addTrailers({ "Set-Cookie": "a=b" });
      response.end();
    });
  };
  return inside(listener, async (house, head) => {
    const chunked =
      "Transfer-Encoding: chunked\r\nTrailer: Cookie\r\n\r\n3\r\nabc\r\n0\r\nCookie: x=y\r\n\r\n";
    const one = `PUT /x HTTP/1.1\r\n${head}${chunked}`;
    const answer = await raw(house.port, one + one);
    assert.equal(answer.match(/5\r\nwhole\r\n0\r\n\r\n/g)?.length, 2, answer);
    assert.doesNotMatch(answer, /set-cookie|trailer/i);
    assert.deepEqual(heard, ["abc {}", "abc {}"]);
  });
});

test("a small answer comes whole whatever pieces it is said in, and its head does not wait for its body", () => {
  const held: ServerResponse[] = [];
  const listener = ({ url }: IncomingMessage, response: ServerResponse) => {
    if (url === "/head") {
      response.writeHead(200, { "X-Said": "1" }).flushHeaders();
      held.push(response);
    } else if (url === "/pieces") {
      response.write("a".repeat(20_000));
      response.write("b");
      setImmediate(() => response.end("c"));
    } else if (url === "/bytes") response.end(Buffer.from(Array.from({ length: 256 }, (_, n) => n)));
    else response.end();
  };
  return inside(listener, async (house, head) => {
    const cookie = /Cookie: (.*)\r\n/.exec(head)?.[1] ?? "";
    const { host } = house.first;
    const told = await ask(house.port, { host, path: "/pieces", headers: { cookie } });
    assert.equal(told.body, `${"a".repeat(20_000)}bc`);
    const bytes = await raw(house.port, `GET /bytes HTTP/1.1\r\n${head}\r\n`);
    assert.equal(bytes.slice(-256), String.fromCharCode(...Array.from({ length: 256 }, (_, n) => n)));
    assert.equal((await ask(house.port, { host, path: "/empty", headers: { cookie } })).body, "");
    let heard = "";
    const socket = connect(house.port, "127.0.0.1", () => socket.write(`GET /head HTTP/1.1\r\n${head}\r\n`));
    socket.on("data", (chunk) => {
      heard += chunk.toString("latin1");
    });
    await until(() => /X-Said: 1[\s\S]*\r\n\r\n$/.test(heard));
    held[0]?.end("body");
    await until(() => heard.includes("body"));
    socket.destroy();
  });
});

test("a browser that goes away takes its request along, up or down, and leaves nothing open", () => {
  let open = 0;
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    open += 1;
    response.once("close", () => {
      open -= 1;
    });
    request.on("error", () => {}).resume();
    if (request.method === "GET") response.write("begun");
  };
  return inside(listener, async (house, head) => {
    for (const rest of ["GET /x HTTP/1.1\r\n", "PUT /x HTTP/1.1\r\nContent-Length: 1000000\r\n"]) {
      const [line = "", ...lines] = rest.split("\r\n");
      const sockets = Array.from({ length: 40 }, () => connect(house.port, "127.0.0.1"));
      for (const socket of sockets)
        socket.on("error", () => {}).write(`${line}\r\n${head}${lines.join("\r\n")}\r\nabc`);
      await until(() => open === sockets.length);
      for (const socket of sockets) socket.destroy();
      await until(() => open === 0);
    }
  });
});

test("browsers that went while it was asked whether they may come in are not counted as there", () => {
  let answered = Promise.resolve();
  const mayEnter = () => answered.then(() => allowed);
  return withHouse(
    async (house) => {
      const { host, origin } = house.first;
      const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
      for (const more of ["", "Content-Length: 9\r\n", upgrade]) {
        const cookie = await enter(house, house.first);
        const head = `${more === "" || more === upgrade ? "GET" : "PUT"} / HTTP/1.1\r\nHost: ${host}\r\n`;
        const asked = `${head}Origin: ${origin}\r\nCookie: ${cookie}\r\n${more}\r\n`;
        const answer = Promise.withResolvers<void>();
        answered = answer.promise;
        const sockets = Array.from({ length: 600 }, () => connect(house.port, "127.0.0.1"));
        for (const socket of sockets) socket.on("error", () => {}).write(asked, () => socket.destroy());
        await until(() => sockets.every(({ closed }) => closed));
        await new Promise((resolve) => setTimeout(resolve, 500));
        answer.resolve();
        await until(
          async () => (await ask(house.port, { host, headers: { cookie } })).status === 200,
          10_000,
        );
      }
    },
    undefined,
    { mayEnter },
  );
});

test("a session that breaks off breaks the browser's connection off too: half an answer never looks whole", () => {
  const listener = ({ url }: IncomingMessage, response: ServerResponse) => {
    response.writeHead(200, url === "/length" ? { "Content-Length": 100 } : {});
    response.write("half", () => response.destroy());
  };
  return inside(listener, async (house, head) => {
    for (const path of ["/length", "/chunked"]) {
      const answer = await raw(house.port, `GET ${path} HTTP/1.1\r\n${head}\r\n`);
      assert.match(answer, /^HTTP\/1\.1 200 [\s\S]*half/, path);
      assert.doesNotMatch(answer, /\r\n0\r\n\r\n/, path);
    }
  });
});

test("an upload that stands still is ended; one that the session holds back is not", () => {
  const requests: IncomingMessage[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    requests.push(request.on("error", () => {}));
    if (request.url === "/taken") request.resume();
    request.on("end", () => response.end("all"));
  };
  const idleMs = 300;
  return inside(
    listener,
    async (house, head) => {
      const send = (path: string, bytes: number, sent: number) => {
        const socket = connect(house.port, "127.0.0.1").on("error", () => {});
        socket.write(`PUT ${path} HTTP/1.1\r\n${head}Content-Length: ${bytes}\r\n\r\n`);
        socket.write(Buffer.alloc(sent));
        return socket;
      };
      const held = send("/held", 32 * 1024 ** 2, 32 * 1024 ** 2);
      let heard = "";
      held.on("data", (chunk) => {
        heard += chunk.toString();
      });
      await until(() => requests.length === 1);
      const still = send("/taken", 1_000, 10);
      await until(() => still.closed);
      await new Promise((resolve) => setTimeout(resolve, 4 * idleMs));
      assert.equal(held.closed, false);
      requests[0]?.resume();
      await until(() => heard.endsWith("all"));
      held.destroy();
    },
    idleMs,
  );
});

test("headers that do not come are not waited for, nor the body of one who is not let in", () =>
  inside(
    (_request, response) => response.end(),
    async (house, head) => {
      const slow = connect(house.port, "127.0.0.1").on("error", () => {});
      slow.resume().write(`GET /x HTTP/1.1\r\n${head}`);
      const stranger = connect(house.port, "127.0.0.1").on("error", () => {});
      const { host, origin } = house.first;
      stranger.resume();
      stranger.write(
        `PUT /x HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nContent-Length: 1000\r\n\r\nabc`,
      );
      await until(() => stranger.closed);
      await until(() => slow.closed, 60_000);
    },
  ));
