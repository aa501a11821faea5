import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { softwareFolder } from "../packages/server/src/testing/archive.ts";
import { preparedH5grove, runScript, startH5grove } from "../packages/server/src/testing/h5grove.ts";
import { type Bench, median, quantile, rounded } from "./bench.ts";

/** 4,800 frames of 2 MiB are 10 GB of values in each of the two files. */
const frames = { full: 4_800, quick: 96 };
const kinds = ["gzip-shuffle", "bitshuffle-lz4"] as const;

/** A generated NeXus stack, looked at through our confined readers and through a real h5grove, in one run. */
export const dataBench: Bench = {
  prepare: async () => {
    await preparedH5grove(softwareFolder);
  },
  run: async ({ quick }) => {
    const folder = await mkdtemp(join(tmpdir(), "est-bench-data-"));
    const count = quick ? frames.quick : frames.full;
    try {
      await chmod(folder, 0o755);
      runScript(await preparedH5grove(softwareFolder), "make-stack.py", folder, String(count));
      return await measure(folder, count, quick);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

interface Server {
  readonly url: string;
  readonly pid: number;
  end(): void;
}

async function measure(folder: string, count: number, quick: boolean) {
  const figures: Record<string, number | null> = {};
  const theirs = await startH5grove(await preparedH5grove(softwareFolder), folder);
  for (const kind of kinds) {
    const first = await firstPlots(folder, theirs, `${kind}.h5`, quick ? 5 : 20);
    const ours = await startOurs(folder);
    const slices = await slicesOf(ours, theirs, `${kind}.h5`, count, quick ? 60 : 400);
    const twenty = await readersOf([ours, theirs], `${kind}.h5`, count, quick ? 6 : 30);
    Object.assign(figures, {
      [`${kind}: first plot, ours (new reader), p95 s`]: rounded(quantile(first.ours, 0.95)),
      [`${kind}: first plot, h5grove, p95 s`]: rounded(quantile(first.theirs, 0.95)),
      [`${kind}: first plot, ratio of medians`]: rounded(median(first.ours) / median(first.theirs), 2),
      [`${kind}: slice, ours, median ms`]: rounded(median(slices.ours), 1),
      [`${kind}: slice, h5grove, median ms`]: rounded(median(slices.theirs), 1),
      [`${kind}: slice, ratio of medians`]: rounded(median(slices.ours) / median(slices.theirs), 2),
      [`${kind}: slice, ratio of CPU time`]: rounded(slices.cpu[0] / slices.cpu[1], 2),
      [`${kind}: 20 readers, ours, slices per s`]: rounded(twenty[0] ?? 0, 1),
      [`${kind}: 20 readers, h5grove, slices per s`]: rounded(twenty[1] ?? 0, 1),
      [`${kind}: largest reader, MB`]: Math.round(largestBelow(ours.pid) / 1e6),
      [`${kind}: h5grove, MB`]: Math.round(memoryOf(theirs.pid) / 1e6),
    });
    ours.end();
  }
  theirs.end();
  const goals = Object.fromEntries(
    kinds.flatMap((kind) => [
      [`${kind}: first plot, ours (new reader), p95 s`, { atMost: 1 }],
      [`${kind}: first plot, ratio of medians`, { atMost: 1 }],
      [`${kind}: slice, ratio of medians`, { atMost: 1.5 }],
      [`${kind}: largest reader, MB`, { atMost: 300 }],
    ]),
  );
  const notes = [
    `${count} frames of 1024 × 1024 16-bit integers; both servers, the files and the load share this machine`,
    "first plot: the calls of H5Web from the root to the first frame; ours starts a confined process for it, h5grove runs already",
  ];
  return { figures, goals, notes };
}

async function startOurs(folder: string): Promise<Server> {
  const words = ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "data-server.ts")];
  const child = spawn(process.execPath, [...words, softwareFolder, folder], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  const [url] = (await once(lines, "line")) as [string];
  return { url, pid: child.pid as number, end: () => child.stdin.end() };
}

async function ask(url: string, call: string, query: Record<string, string>): Promise<number> {
  const start = performance.now();
  const answer = await fetch(`${url}/${call}?${new URLSearchParams(query)}`);
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`${url} ${call}: ${answer.status}`);
  return performance.now() - start;
}

function frame(url: string, file: string, number: number): Promise<number> {
  const selection = `${number},:,:`;
  return ask(url, "data", { file, path: "/entry/data/frames", format: "bin", dtype: "safe", selection });
}

/** What H5Web asks until a plot is there. */
async function plot({ url }: { readonly url: string }, file: string): Promise<number> {
  const start = performance.now();
  for (const path of ["/", "/entry", "/entry/data", "/entry/data/frames"])
    await ask(url, "meta", { file, path });
  for (const path of ["/", "/entry", "/entry/data"]) await ask(url, "attr", { file, path });
  await frame(url, file, 0);
  return (performance.now() - start) / 1000;
}

/** Ours always with a reader that is started for it; the two servers take turns. */
async function firstPlots(folder: string, theirs: Server, file: string, rounds: number) {
  const found = { ours: [] as number[], theirs: [] as number[] };
  await plot(theirs, file);
  for (let round = 0; round < rounds; round += 1) {
    const ours = await startOurs(folder);
    // How readers are confined here is found out once in a portal's life.
    await fetch(`${ours.url}/meta?file=none.h5`);
    await fetch(`${ours.url}/meta?file=none.h5`);
    found.ours.push(await plot(ours, file));
    ours.end();
    found.theirs.push(await plot(theirs, file));
  }
  return found;
}

async function slicesOf(ours: Server, theirs: Server, file: string, count: number, rounds: number) {
  const found = { ours: [] as number[], theirs: [] as number[] };
  await frame(ours.url, file, 0);
  const before = [ours, theirs].map(({ pid }) => cpuBelow(pid));
  for (let round = 0; round < rounds; round += 1) {
    const number = (round * 7919) % count;
    found.ours.push(await frame(ours.url, file, number));
    found.theirs.push(await frame(theirs.url, file, number));
  }
  const [own = 0, other = 1] = [ours, theirs].map(({ pid }, index) => cpuBelow(pid) - (before[index] ?? 0));
  return { ...found, cpu: [own, other] as const };
}

/** Slices per second with twenty at once, for each server by itself. */
async function readersOf(
  servers: readonly Server[],
  file: string,
  count: number,
  each: number,
): Promise<number[]> {
  const rates: number[] = [];
  for (const { url } of servers) {
    const start = performance.now();
    const reader = async (id: number) => {
      for (let number = 0; number < each; number += 1) await frame(url, file, (id * 31 + number) % count);
    };
    await Promise.all(Array.from({ length: 20 }, (_, id) => reader(id)));
    rates.push((20 * each * 1000) / (performance.now() - start));
  }
  return rates;
}

function below(pid: number): number[] {
  const children = readOr(`/proc/${pid}/task/${pid}/children`)
    .split(" ")
    .filter((word) => word !== "")
    .map(Number);
  return [pid, ...children.flatMap(below)];
}

/** Clock ticks of CPU time of a process and all below it. */
function cpuBelow(pid: number): number {
  const ticks = below(pid).map((one) => {
    const fields = readOr(`/proc/${one}/stat`).split(") ")[1]?.split(" ") ?? [];
    return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  });
  return ticks.reduce((sum, one) => sum + one, 0);
}

function largestBelow(pid: number): number {
  const readers = below(pid).filter((one) => readOr(`/proc/${one}/cmdline`).includes("serving/main.js"));
  return Math.max(0, ...readers.map(memoryOf));
}

/** The most that it has held. */
function memoryOf(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readOr(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
