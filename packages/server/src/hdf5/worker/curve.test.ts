import assert from "node:assert/strict";
import { test } from "node:test";
import { drawable, middles, scaleOf, thinned } from "./curve.ts";

test("R66 a curve is thinned to 500 points and keeps its sharpest peak and its deepest gap", () => {
  const y = Array.from({ length: 100_000 }, (_, index) => Math.sin(index / 3000));
  y[77_777] = 50;
  y[33_333] = -50;
  const x = y.map((_, index) => index);
  const points = thinned(x, y);
  assert.ok(points.y.length <= 500 && points.x.length === points.y.length);
  assert.equal(points.y[points.x.indexOf(77_777)], 50);
  assert.equal(points.y[points.x.indexOf(33_333)], -50);
  assert.deepEqual(
    points.x,
    points.x.toSorted((a, b) => (a ?? 0) - (b ?? 0)),
  );
});

test("a short curve is kept as it is, with what is missing", () => {
  assert.deepEqual(thinned([1, 2, 3], [1.234567891, null, 3]), { x: [1, 2, 3], y: [1.23457, null, 3] });
  assert.deepEqual(thinned([], []), { x: [], y: [] });
});

test("edges of bins become their middles, other axes are left alone", () => {
  assert.deepEqual(middles([0, 1, 3, null], 3), [0.5, 2, null]);
  assert.deepEqual(middles([0, 1, 3], 3), [0, 1, 3]);
});

test("the scale is logarithmic for what spans decades above zero", () => {
  const decay = Array.from({ length: 200 }, (_, index) => 10 ** (-index / 40));
  assert.equal(scaleOf(decay, 1.5), "log");
  assert.equal(scaleOf([1, 2, 3, 4, 5], 1.5), "linear");
  const peak = Array.from({ length: 200 }, (_, index) => (index === 100 ? 10_000 : 1 + index / 200));
  assert.equal(scaleOf(peak, 1.5), "log");
  assert.equal(
    scaleOf(
      decay.map((value, index) => (index % 2 === 0 ? value : -value)),
      1.5,
    ),
    "linear",
  );
  assert.equal(scaleOf([null, null], 1.5), "linear");
  assert.equal(scaleOf([], 1.5), "linear");
  assert.deepEqual(drawable([1, 0, -1, null], "log"), [1, null, null, null]);
  assert.deepEqual(drawable([1, 0, -1, null], "linear"), [1, 0, -1, null]);
});
