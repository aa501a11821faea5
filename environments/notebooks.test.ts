import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { buildDemonstrationArchive } from "../demo/build.mjs";
import { type BuiltEnvironment, buildEnvironments } from "./build.mjs";
import { execute, softwareFolder, temporaryFolder } from "./test-support.ts";

const HERE = import.meta.dirname;

describe("Template notebooks on real data", { concurrency: 2 }, () => {
  let built: Record<string, BuiltEnvironment>;
  let archive: string;
  let work: string;

  before(async () => {
    work = await temporaryFolder("notebooks");
    archive = join(work, "archive");
    built = await buildEnvironments({ softwareFolder });
    await buildDemonstrationArchive({ softwareFolder, archiveFolder: archive });
  });

  after(() => rm(work, { recursive: true, force: true }));

  function builtOne(environment: string): BuiltEnvironment {
    const found = built[environment];
    assert.ok(found, `the environment ${environment} is built`);
    return found;
  }

  const pythonOf = (environment: string) => join(builtOne(environment).path, "bin", "python");

  /** Runs a notebook on a dataset's folder in a fresh home; gives its figures of merit and where the results are. */
  async function runNotebook<T>(
    environment: string,
    notebook: string,
    dataset: string,
    path = "/usr/bin:/bin",
  ) {
    const results = await mkdtemp(join(work, `${notebook}-`));
    const file = join(builtOne(environment).notebooks, `${notebook}.ipynb`);
    const parameters = { data_path: join(archive, dataset), results_path: results };
    const words = [join(HERE, "run-notebook.py"), file, results, JSON.stringify(parameters)];
    const env = { PATH: path, HOME: join(results, "home") };
    await execute(pythonOf(environment), words, { env, maxBuffer: 1 << 26 });
    const figures = JSON.parse(await readFile(join(results, "figures-of-merit.json"), "utf8")) as T;
    return { figures, results, written: await readdir(results) };
  }

  async function fingerprint(folder: string): Promise<string> {
    const hash = createHash("sha256");
    for (const name of (await readdir(folder)).sort())
      hash.update(name).update(await readFile(join(folder, name)));
    return hash.digest("hex");
  }

  it("R32 R33 R42 R60 reduces LRMECS data to S(Q, E): elastic line, width and phonons are where they should be", async () => {
    const dataset = "ipns-2001-mgb2/lrmecs-3701-mgb2-8k";
    const before = await fingerprint(join(archive, dataset));
    const { figures, written } = await runNotebook<{
      incidentEnergyMeV: number;
      nominalEnergyMeV: number;
      elasticPositionFromMonitorsMeV: number;
      elasticPositionMeV: number;
      elasticWidthMeV: number;
      elasticWidthExpectedMeV: number;
      elasticWidthPercentOfIncidentEnergy: number;
      phononPeaksMeV: number[];
      detectorsUsed: number;
    }>("tof-spectroscopy", "reduce-to-s-q-e", dataset);
    // The monitors alone agree with the energy that the file calls nominal (130 meV; its title says 120).
    assert.ok(Math.abs(figures.incidentEnergyMeV - figures.nominalEnergyMeV) < 1);
    // The elastic line, with nothing adjusted, lies at 0 within an eighth of its width, and exactly there once aligned.
    assert.ok(Math.abs(figures.elasticPositionFromMonitorsMeV) < figures.elasticWidthMeV / 8);
    assert.ok(Math.abs(figures.elasticPositionMeV) < 0.1);
    // Its width is what the widths of the pulse at the two monitors let expect.
    assert.ok(Math.abs(figures.elasticWidthMeV / figures.elasticWidthExpectedMeV - 1) < 0.1);
    assert.ok(
      figures.elasticWidthPercentOfIncidentEnergy > 4 && figures.elasticWidthPercentOfIncidentEnergy < 9,
    );
    // Optic branches of MgB2 published from this instrument: R. Osborn et al., Phys. Rev. Lett. 87, 017005 (2001).
    for (const published of [54, 78, 89]) {
      const nearest = Math.min(...figures.phononPeaksMeV.map((peak) => Math.abs(peak - published)));
      assert.ok(nearest <= 3, `a peak within 3 meV of ${published} meV among ${figures.phononPeaksMeV}`);
    }
    // Acoustic branches end at 36 meV in the same paper: their peak lies just below, and nothing between them and 54 meV.
    assert.ok(figures.phononPeaksMeV.some((peak) => peak > 30 && peak < 36));
    assert.ok(!figures.phononPeaksMeV.some((peak) => peak > 36 && peak < 50));
    assert.equal(figures.detectorsUsed, 138);
    for (const name of ["sqe.nxs", "sqe.png", "phonon-density-of-states.png"])
      assert.ok(written.includes(name));
    assert.equal(await fingerprint(join(archive, dataset)), before, "the data are only read");
  });

  interface Spheres {
    curves: {
      statedDiameterNm: number;
      ripplesDiameterNm: number;
      fittedDiameterNm: number;
      spreadPercent: number;
    }[];
  }

  for (const [machine, path] of [
    ["", "/usr/bin:/bin"],
    [", on a machine without a compiler", "/nowhere"],
  ] as const)
    it(`R32 R33 R77 finds the stated diameters of the polystyrene spheres, without being told them${machine}`, async () => {
      const dataset = "nsls-1998-spheres/nsls-1998-polystyrene-spheres";
      const { figures, written } = await runNotebook<Spheres>("sas", "fit-spheres", dataset, path);
      assert.deepEqual(
        figures.curves.map((curve) => curve.statedDiameterNm),
        [255, 460],
      );
      for (const curve of figures.curves) {
        assert.ok(Math.abs(curve.ripplesDiameterNm / curve.statedDiameterNm - 1) < 0.04);
        assert.ok(Math.abs(curve.fittedDiameterNm / curve.statedDiameterNm - 1) < 0.015);
        assert.ok(curve.spreadPercent < 5);
      }
      assert.ok(written.includes("spheres-fit.h5"));
    });

  it("R77 compiles every model of sasmodels without a compiler on the machine, to the same curve", async () => {
    const script = `
import os, sys, numpy
from sasmodels.core import list_models, load_model
from sasmodels.direct_model import call_kernel
assert ("tcc" in os.environ.get("CC", "")) == (sys.argv[1] == "all"), "which compiler"
names = list_models("c") if sys.argv[1] == "all" else ["sphere", "cylinder", "spherical_sld"]
q = [numpy.logspace(-3, -0.5, 50)]
curves = {name: call_kernel(load_model(name).make_kernel(q), {}) for name in names}
assert len(curves) >= (60 if sys.argv[1] == "all" else 3)
for name in ("sphere", "cylinder", "spherical_sld"): print(name, [f"{value:.6e}" for value in curves[name]])
`;
    const run = async (which: string, path: string) => {
      const env = { PATH: path, HOME: join(work, `models-${which}`) };
      return (await execute(pythonOf("sas"), ["-I", "-c", script, which], { env })).stdout;
    };
    const own = await run("all", "/nowhere");
    assert.match(own, /sphere \['\d\.\d+e/);
    const cc = await execute("which", ["cc"]).then(
      () => true,
      () => false,
    );
    if (cc) assert.equal(own, await run("some", "/usr/bin:/bin"));
  });

  it("R32 R58 R60 writes an NXcanSAS curve with the very values that the file holds", async () => {
    const dataset = "isis-sans2d-2016/sans2d-33837-curve";
    const { figures, results } = await runNotebook<{ written: string }>(
      "sas",
      "plot-curves-and-maps",
      dataset,
    );
    const compare = `
import h5py, sys
before, after = h5py.File(sys.argv[1])["sasentry01/sasdata"], h5py.File(sys.argv[2])["sasentry01/sasdata"]
assert before["I"].shape == (66,)
assert all((before[n][()] == after[n][()]).all() for n in ("Q", "I", "Idev"))
`;
    const files = [
      join(archive, dataset, "33837rear_1D_1.75_16.5_NXcanSAS_v3.h5"),
      join(results, figures.written),
    ];
    await execute(pythonOf("sas"), ["-c", compare, ...files]);
  });

  it("R32 R58 averages an NXcanSAS map to the mean of its pixels", async () => {
    const dataset = "isis-larmor-2016-steel/larmor-14250-steel";
    const { figures, results } = await runNotebook<{
      maps: { shape: number[] }[];
      written: string;
    }>("sas", "plot-curves-and-maps", dataset);
    assert.deepEqual(figures.maps[0]?.shape, [160, 160]);
    // One ring, computed here in another way.
    const compare = `
import h5py, numpy as np, sys
map_, curve = h5py.File(sys.argv[1])["sasentry01/sasdata"], h5py.File(sys.argv[2])["sasentry01/sasdata"]
intensity, size = map_["I"][()], np.hypot(map_["Qx"][()], map_["Qy"][()])
good = np.isfinite(intensity) & ((intensity != 0) | ((intensity[np.isfinite(intensity)] == 0).mean() >= 0.5))
width = size[good].max() / 100
ring = good & (size >= 30 * width) & (size < 31 * width)
nearest = abs(curve["Q"][()] - size[ring].mean()).argmin()
assert np.isclose(curve["I"][nearest], intensity[ring].mean(), rtol=1e-6), (curve["I"][nearest], intensity[ring].mean())
`;
    const map = join(archive, dataset, "14250_2D_NoDetInfo_NXcanSAS_v3.h5");
    await execute(pythonOf("sas"), ["-c", compare, map, join(results, figures.written)]);
  });

  it("R32 R58 reads text formats: the ring in a map lies where the curve of the same sample has its peak", async () => {
    interface Figures {
      curves: { title: string; largestAtQ: number }[];
      averages: { title: string; largestAtQ: number }[];
    }
    const [fromMaps, fromCurves] = await Promise.all(
      ["maps", "curves"].map((kind) =>
        runNotebook<Figures>("sas", "plot-curves-and-maps", `isis-loq-p123/loq-p123-${kind}`),
      ),
    );
    const peaks = (figures: { title: string; largestAtQ: number }[] = []) =>
      [30, 40].map(
        (percent) => figures.find(({ title }) => title.includes(`D2O_${percent}_percent`))?.largestAtQ ?? 0,
      );
    const rings = peaks(fromMaps?.figures.averages);
    const ofCurves = peaks(fromCurves?.figures.curves);
    for (const [n, ring] of rings.entries())
      assert.ok(
        Math.abs(ring - (ofCurves[n] as number)) < 0.003,
        `ring at ${ring}, peak at ${ofCurves[n]} per Å`,
      );
    assert.ok((rings[1] as number) > (rings[0] as number), "at 40 % the micelles lie closer than at 30 %");
    assert.ok(fromCurves?.written.includes("curves.h5"));
  });

  it("R66 says plainly that raw images are no small-angle curves, and where to look at them", async () => {
    const run = runNotebook("sas", "plot-curves-and-maps", "aps-2022-gisaxs/aps-2022-gisaxs");
    await assert.rejects(
      run,
      /No reduced small-angle data .* look at raw data with the environment “NeXus and HDF5”/,
    );
  });

  interface Look {
    plotted: string | null;
    missing: { dataset: string; file: string }[];
    largest: number | null;
  }

  it("R32 R66 shows a compressed detector image, without the pixels that the detector marks as broken", async () => {
    const { figures, written } = await runNotebook<Look>(
      "nexus",
      "look-at-a-file",
      "aps-2022-gisaxs/aps-2022-gisaxs",
    );
    assert.equal(figures.plotted, "/entry/data/data");
    assert.ok((figures.largest ?? 0) > 0 && (figures.largest ?? 0) < 2 ** 32 - 1);
    assert.ok(written.includes("S2p5min_00070_00001.png"));
  });

  it("R66 says that the Diamond master's images are missing, and plots no fill values", async () => {
    const dataset = "diamond-2019-thermolysin/diamond-2019-therm-6-2";
    const { figures } = await runNotebook<Look>("nexus", "look-at-a-file", dataset);
    assert.deepEqual(figures.missing, [{ dataset: "/entry/data/data_000001", file: "Therm_6_2_000001.h5" }]);
    assert.equal(figures.plotted, null);
  });

  it("R64 R66 shows an early NeXus file of SOLEIL", async () => {
    const { figures } = await runNotebook<Look>(
      "nexus",
      "look-at-a-file",
      "soleil-2013-sixs/soleil-2013-scan-101",
    );
    assert.equal(figures.plotted, "/com_05551/scan_data/data_01");
  });
});
