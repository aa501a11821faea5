import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  formatBytes,
  formatMemory,
  formatNumber,
  formatRelative,
  formatSpan,
} from "../../src/i18n/format.ts";
import { keysOfHint } from "../../src/portal/events.ts";
import { datasetSearch, sessionSearch } from "../../src/shell/search.ts";

const now = Date.parse("2026-11-25T12:00:00Z");

describe("formats", () => {
  it("sizes are decimal, with one digit where that says something", () => {
    const sizes = [0, 999, 1512, 473_316, 13_000_000, 3_214_567_890].map(formatBytes);
    assert.deepEqual(sizes, ["0 bytes", "999 bytes", "1.5 kB", "473 kB", "13 MB", "3.2 GB"]);
    assert.deepEqual([512, 4096, 1536].map(formatMemory), ["512 MiB", "4 GiB", "1.5 GiB"]);
  });

  it("numbers are short, large and small ones with a power of ten", () => {
    const numbers = [0, 130, -8.1237, 2_268_000, 0.00045].map(formatNumber);
    assert.deepEqual(numbers, ["0", "130", "-8.1237", "2.268×10⁶", "4.5×10⁻⁴"]);
  });

  it("spans have their two largest units, and a tenth while they are short", () => {
    const spans = [0.34, 59, 90, 3600, 26_000, 604_800, 90_061].map((seconds) => formatSpan(seconds));
    assert.deepEqual(spans, ["0.3s", "59s", "1m 30s", "1h", "7h 13m", "7d", "1d 1h"]);
    assert.equal(formatSpan(43_200, "long"), "12 hours");
  });

  it("moments near now are told from now", () => {
    assert.equal(formatRelative("2026-11-25T12:24:50Z", now), "in 25 minutes");
    assert.equal(formatRelative("2026-11-25T04:01:00Z", now), "8 hours ago");
    assert.equal(formatRelative("2026-11-25T12:59:40Z", now), "in 1 hour");
  });

  it("an address keeps what the pages know and drops the rest", () => {
    const raw = { q: 42, access: "secret", technique: "PaNET01244", other: "x", instrument: "" };
    const kept = { q: "42", technique: "PaNET01244", instrument: undefined, access: undefined };
    assert.deepEqual(datasetSearch(raw), kept);
    assert.deepEqual(sessionSearch({ phase: "ended", of: "mine" }), { phase: "ended", of: undefined });
  });

  it("a hint makes old what it names and what is counted from it", () => {
    const keys = keysOfHint({ resource: "session", id: "s-1", version: 2 });
    assert.deepEqual(keys[0], ["sessions", "one", "s-1"]);
    assert.ok(keys.some(([first]) => first === "proposals"));
  });
});
