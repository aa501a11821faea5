import assert from "node:assert/strict";
import { test } from "node:test";
import { sessionsSetCookie, visitCookie, visitToken, withoutOurs } from "./cookies.ts";
import { headersOutside } from "./headers.ts";
import { hostsOf } from "./hosts.ts";
import { pageFor } from "./page.ts";
import { closedRoutes, type Route, routeTable } from "./route-table.ts";

const label = "abcdefghijklmnopqrstuvwxyz";

test("hosts: sessions live below their domain, everything else is the portal's", () => {
  const local = hostsOf("http://localhost:8080");
  assert.equal(local.originOf(label), `http://${label}.localhost:8080`);
  assert.equal(local.portalOrigin, "http://localhost:8080");
  assert.deepEqual(local.place(`${label}.localhost:8080`), { at: "session", label });
  assert.deepEqual(local.place(`${label.toUpperCase()}.LOCALHOST:8080`), { at: "session", label });
  for (const portal of [
    "localhost:8080",
    "127.0.0.1:8080",
    "[::1]:8080",
    "evil.example",
    "notlocalhost",
    "",
    undefined,
  ])
    assert.equal(local.place(portal).at, "portal", String(portal));
  const odd = ["", ":1", ".:8080", "x:8080"].map((end) => `${label}.localhost${end}`).slice(0, 3);
  for (const nowhere of [...odd, `a.${label}.localhost:8080`, `${label}x.localhost:8080`, ".localhost:8080"])
    assert.equal(local.place(nowhere).at, "nowhere", nowhere);
});

test("hosts: beyond localhost a domain and https are asked for, and the usual port is left out", () => {
  const far = hostsOf("https://portal.example.org/", "Apps.example.org");
  assert.equal(far.originOf(label), `https://${label}.apps.example.org`);
  assert.deepEqual(far.place(`${label}.apps.example.org`), { at: "session", label });
  assert.equal(far.place("portal.example.org").at, "portal");
  assert.equal(far.place("apps.example.org").at, "portal");
  const below = hostsOf("https://portal.example.org", "example.org");
  assert.equal(
    below.place("portal.example.org").at,
    "portal",
    "the portal itself may be below the same domain",
  );
  assert.equal(hostsOf("http://127.0.0.1:9").originOf(label), `http://${label}.localhost:9`);
  assert.equal(
    hostsOf("https://p.example", "a.example:8443").originOf(label),
    `https://${label}.a.example:8443`,
  );
  for (const [url, domain] of [
    ["https://portal.example.org"],
    ["http://portal.example.org", "apps.example.org"],
    ["https://portal.example.org", "apps.example.org/x"],
    ["https://portal.example.org", "a b"],
  ] as const)
    assert.throws(() => hostsOf(url, domain), { code: "config-invalid" });
});

test("cookies: our own is found, taken out, and cannot be set by a session in any spelling", () => {
  const token = "t".repeat(43);
  assert.equal(visitToken(`a=1; ${visitCookie}=${token}`), token);
  for (const bad of [
    undefined,
    "",
    `${visitCookie}=short`,
    `${visitCookie}=${token}; ${visitCookie}=${token}`,
  ])
    assert.equal(visitToken(bad), null, bad);
  assert.equal(visitToken(`${visitCookie.toLowerCase()}=${token}`), null);
  assert.equal(withoutOurs(`a=1; ${visitCookie}=${token};b=2`), "a=1; b=2");
  assert.equal(withoutOurs(`${visitCookie.toUpperCase()} = ${token}`), null);
  assert.equal(sessionsSetCookie("a=b; Path=/; domain=.example.org; HttpOnly"), "a=b; Path=/; HttpOnly");
  for (const ours of [
    `${visitCookie}=x`,
    ` ${visitCookie.toLowerCase()} =x; Secure`,
    `=${visitCookie}=x`,
    "",
  ])
    assert.equal(sessionsSetCookie(ours), null, ours);
});

test("only the session's own address is turned round in Location", () => {
  const told = (location: string) => headersOutside(["Location", location], "https://x.apps.example")[1];
  assert.equal(told("http://session.localhost/lab"), "https://x.apps.example/lab");
  assert.equal(told("//session.localhost"), "https://x.apps.example");
  for (const other of [
    "/lab",
    "https://elsewhere.example/",
    "http://session.localhost.evil.example/",
    "http://session.localhost@evil.example/",
  ])
    assert.equal(told(other), other);
});

test("routes: what is gone or leads elsewhere is closed, what stays is not", () => {
  const route = (name: string, more: Partial<Route> = {}): Route => ({
    ...{
      label: name,
      sessionId: `s-${name}`,
      role: "session",
      provider: "p",
      handle: "h",
      endpoint: "jupyter",
    },
    ...more,
  });
  const before = routeTable([route("a"), route("b"), route("c")]);
  const after = routeTable([route("a"), route("b", { handle: "other" }), route("d")]);
  assert.deepEqual(
    closedRoutes(before, after).map(({ label: closed }) => closed),
    ["b", "c"],
  );
});

test("a page shows what it is given as text, whatever it is", () => {
  const evil = `<script>alert("1")</script>'&`;
  const back = { href: `"><img src=x>`, text: evil };
  const { html } = pageFor({ code: evil, title: evil, detail: evil, next: evil, back, looksAgain: false });
  assert.doesNotMatch(html, /<script|<img/);
});
