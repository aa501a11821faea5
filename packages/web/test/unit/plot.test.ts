import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { colourAt } from "../../src/plot/colours.ts";
import { pathOf, runsOf } from "../../src/plot/curve.ts";
import { colourAxis, pixelsOf } from "../../src/plot/pixels.ts";
import { axisFor, ticksOf } from "../../src/plot/scale.ts";
import { tickLabel } from "../../src/plot/ticks.ts";

describe("plots", () => {
  it("a logarithmic axis leaves out what is not positive, and becomes linear when nothing is", () => {
    const axis = axisFor([-1, 0, 1, 10, 100, null, Number.NaN], "log");
    assert.deepEqual([axis?.low, axis?.high, axis?.place(10), axis?.place(0)], [1, 100, 0.5, null]);
    assert.equal(axisFor([-5, 0], "log")?.scale, "linear");
    assert.equal(axisFor([null, Number.NaN], "linear"), null);
  });

  it("one value alone still has an axis around it", () => {
    assert.equal(axisFor([7], "linear")?.place(7), 0.5);
    assert.equal(axisFor([7], "log")?.place(7), 0.5);
  });

  it("ticks are round values inside the axis", () => {
    const linear = axisFor([0.13, 9.7], "linear");
    assert.ok(linear !== null);
    assert.deepEqual(ticksOf(linear), [2, 4, 6, 8]);
    const log = axisFor([0.002, 5000], "log");
    assert.ok(log !== null);
    assert.deepEqual(ticksOf(log).map(tickLabel), ["0.01", "0.1", "1", "10", "100", "1000"]);
  });

  it("ticks are written short", () => {
    assert.deepEqual([0, 0.25, -3, 1e-3, 3e5, 1e6].map(tickLabel), [
      "0",
      "0.25",
      "−3",
      "10⁻³",
      "3×10⁵",
      "10⁶",
    ]);
  });

  it("a curve breaks where a value is missing, and a lone point is seen", () => {
    const [x, y] = [axisFor([0, 3], "linear"), axisFor([0, 1], "linear")];
    assert.ok(x !== null && y !== null);
    const runs = runsOf(x, y, [0, 1, 2, 3], [0, 1, null, 0.5]);
    assert.deepEqual(
      runs.map((run) => run.length),
      [2, 1],
    );
    assert.equal(pathOf(runs, 300, 100), "M0.0 100.0L100.0 0.0M300.0 50.0h.01");
  });

  it("a long curve is thinned without losing its peak", () => {
    const xs = Array.from({ length: 100_000 }, (_, index) => index);
    const ys = xs.map((index) => (index === 54_321 ? 1000 : Math.sin(index)));
    const [x, y] = [axisFor(xs, "linear"), axisFor(ys, "linear")];
    assert.ok(x !== null && y !== null);
    const [run] = runsOf(x, y, xs, ys);
    assert.ok(run !== undefined && run.length <= 700);
    assert.equal(Math.max(...run.map(([, up]) => up)), 1);
  });

  it("of a map missing values stay clear, and a hot pixel does not darken the rest", () => {
    const values = [null, ...Array.from({ length: 5000 }, (_, index) => 1 + (index % 10)), 1e12];
    const axis = colourAxis(values, "linear");
    assert.ok(axis !== null);
    assert.equal(axis.high, 10);
    const pixels = pixelsOf(values, axis);
    assert.equal(pixels[3], 0);
    assert.deepEqual([...pixels.slice(-4, -1)], colourAt(1).map(Math.round));
  });

  it("the colours grow steadily lighter", () => {
    const lightness = Array.from({ length: 65 }, (_, index) => {
      const [red, green, blue] = colourAt(index / 64);
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    });
    for (const [index, value] of lightness.entries())
      assert.ok(index === 0 || value > (lightness[index - 1] ?? 0));
  });
});
