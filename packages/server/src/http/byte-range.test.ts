import assert from "node:assert/strict";
import { test } from "node:test";
import { type RangeAnswer, rangeOf } from "./byte-range.ts";

const whole: RangeAnswer = { kind: "whole" };
const outside: RangeAnswer = { kind: "outside" };
const part = (start: number, end: number): RangeAnswer => ({ kind: "part", start, end });

const cases: readonly (readonly [header: string | undefined, size: number, answer: RangeAnswer])[] = [
  [undefined, 10, whole],
  ["bytes=0-0", 10, part(0, 0)],
  ["bytes=0-9", 10, part(0, 9)],
  ["bytes=2-", 10, part(2, 9)],
  ["bytes=-3", 10, part(7, 9)],
  ["bytes=-300", 10, part(0, 9)],
  ["bytes=5-300", 10, part(5, 9)],
  ["Bytes = 1-2", 10, part(1, 2)],
  ["bytes=10-", 10, outside],
  ["bytes=10-20", 10, outside],
  ["bytes=5-2", 10, outside],
  ["bytes=-0", 10, outside],
  ["bytes=-", 10, outside],
  ["bytes=", 10, outside],
  ["bytes=a-b", 10, outside],
  ["bytes=0x1-2", 10, outside],
  ["bytes=1.5-2", 10, outside],
  ["bytes=-1-2", 10, outside],
  ["bytes=99999999999999999999-", 10, outside],
  ["bytes=0-0", 0, outside],
  ["bytes=-5", 0, outside],
  ["bytes=0-1,3-4", 10, whole],
  ["lines=1-2", 10, whole],
  ["nonsense", 10, whole],
  ["", 10, whole],
];

for (const [header, size, answer] of cases)
  test(`Range ${JSON.stringify(header)} of ${size} bytes`, () =>
    assert.deepEqual(rangeOf(header, size), answer));
