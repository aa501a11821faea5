import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { askedKeys, keysOf, literalWords, readWords, uiSources } from "../support/words.ts";

describe("words", () => {
  it("no words for people stand in the code", () => {
    const sources = uiSources();
    assert.ok(sources.length > 80, "the sources are read");
    assert.deepEqual(sources.flatMap(literalWords), []);
  });

  it("words that do are found, wherever they stand", () => {
    const text = `export const A = () => <p title="A hint" className="wide">Hello {b ? "there" : t("x")} {\`you \${c}\`}</p>`;
    assert.deepEqual(literalWords({ path: "a.tsx", text }).sort(), [
      'a.tsx: "A hint"',
      'a.tsx: "Hello"',
      'a.tsx: "there"',
      'a.tsx: "you"',
    ]);
  });

  it("every word in en.json is asked for, and every one asked for is there", () => {
    const keys = keysOf(readWords());
    const { whole, beginnings } = askedKeys(uiSources());
    const isAsked = (key: string) =>
      whole.has(key) || beginnings.some((beginning) => key.startsWith(beginning));
    assert.deepEqual(
      keys.filter((key) => !isAsked(key)),
      [],
    );
    assert.deepEqual(
      [...whole].filter((key) => !keys.includes(key)),
      [],
    );
  });
});
