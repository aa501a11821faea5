import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { type Session, Unavailable } from "@endstation/core";
import { SMTPServer } from "smtp-server";
import { createNoticeStore } from "../store/notices.ts";
import { createSessionStore } from "../store/session-store.ts";
import { livedSession, testSession, toRunning } from "../store/session-testing.ts";
import { withDatabase } from "../store/testing.ts";
import { createMailer } from "./mail.ts";
import { notifyWith } from "./notify.ts";

/** A real mail server that keeps what it is sent. */
async function mailServer() {
  const received: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData: (stream, _session, done) => {
      let text = "";
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      stream.on("end", () => {
        received.push(text);
        done();
      });
    },
  });
  server.on("error", () => {});
  const listening = server.listen(0, "127.0.0.1");
  await once(listening, "listening");
  const { port } = listening.address() as AddressInfo;
  const url = `smtp://127.0.0.1:${port}`;
  return { url, received, close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

const portal = "https://analysis.example.org";
const from = "portal@example.org";

function failed(session: Session): Session {
  const cause = { code: "out-of-memory", detail: "it has 2048 MiB" } as const;
  return { ...session, phase: "failed", reason: "killed", cause, endedAt: 9_000 };
}

test("R26 R110 a failure goes out by e-mail once, however often it is told, with its cause and the way to the session", async () => {
  const server = await mailServer();
  const mail = createMailer({ url: server.url, from, portal });
  await withDatabase(async (database) => {
    const session = failed(await livedSession(createSessionStore(database), toRunning));
    const notices = createNoticeStore(database);
    const addressOf = async () => "pi@example.org";
    const notify = notifyWith({ notices, clock: { now: () => 1 }, mail, addressOf });
    for (let turn = 0; turn < 3; turn += 1) await notify(session, "failed");
    assert.equal(server.received.length, 1);
    const [text = ""] = server.received;
    assert.match(text, /^To: pi@example\.org$/m);
    assert.match(text, /^Subject: A session has failed\r?$/m);
    assert.match(text, /out-of-memory|used more memory/);
    assert.ok(text.includes(`${portal}/sessions/${session.id}`), text);
    const unknown = notifyWith({ notices, clock: { now: () => 1 }, mail, addressOf: async () => null });
    await unknown({ ...session, endedAt: 10_000 }, "failed");
    assert.equal(server.received.length, 1);
  });
  mail.close();
  await server.close();
});

test("a mail server that is down is tried again, and the notice stands in the portal meanwhile", async () => {
  const server = await mailServer();
  await server.close();
  const mail = createMailer({ url: server.url, from, portal });
  await withDatabase(async (database) => {
    const session = failed(await livedSession(createSessionStore(database), toRunning));
    const notices = createNoticeStore(database);
    const addressOf = async () => "pi@example.org";
    const notify = notifyWith({ notices, clock: { now: () => 1 }, mail, addressOf });
    await assert.rejects(notify(session, "failed"), Unavailable);
    assert.equal(await notices.unread(session.owner), 1);
    assert.equal(await notices.isMailed(session, "failed", 9_000), false);
  });
  mail.close();
});

test("R110 a session's name makes no header of its own", async () => {
  const server = await mailServer();
  const mail = createMailer({ url: server.url, from, portal });
  const session = failed({ ...testSession(), name: "x\r\nBcc: everybody@example.org\r\n\r\nhello" });
  await mail.send("pi@example.org", session, "failed", 1);
  assert.doesNotMatch(server.received[0] ?? "", /^Bcc:/m);
  mail.close();
  await server.close();
});
