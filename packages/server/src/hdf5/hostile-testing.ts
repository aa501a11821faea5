import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { EndstationError, type Hdf5Question } from "@endstation/core";
import type { RunningHdf5Service } from "./service.ts";

const never = new AbortController().signal;
const coded = ["not-found", "file-question", "answer-too-large", "file-unreadable"];
const mostPaths = 12;

/** What a service said about a file: bytes, or the code of its refusal. */
export type Said = { readonly bytes: Buffer } | { readonly code: string; readonly detail: string };

function questionFor(file: string, more: Partial<Hdf5Question>): Hdf5Question {
  return {
    ...{ call: "meta", file, path: "/", resolveLinks: "only_valid", attributes: null, format: "json" },
    ...{ dtype: "origin", flatten: false, selection: null },
    ...more,
  };
}

/** Asks; anything but bytes or a coded refusal fails. */
export async function said(
  service: RunningHdf5Service,
  folder: string,
  file: string,
  more: Partial<Hdf5Question> = {},
): Promise<Said> {
  try {
    const { bytes } = await service.ask({ folder, rights: "open" }, questionFor(file, more), never);
    return { bytes: Buffer.from(bytes) };
  } catch (error) {
    assert.ok(error instanceof EndstationError && coded.includes(error.code), `${file}: ${error}`);
    return { code: error.code, detail: error.detail };
  }
}

/** Asks everything of a file that can be asked: what is in it, and the values of all that is found, as a viewer would. */
export async function everything(
  service: RunningHdf5Service,
  folder: string,
  file: string,
  most = mostPaths,
): Promise<readonly Said[]> {
  const all: Said[] = [];
  const ask = async (more: Partial<Hdf5Question>) => {
    const answer = await said(service, folder, file, more);
    all.push(answer);
    return answer;
  };
  await ask({});
  const paths = await ask({ call: "paths" });
  for (const path of pathsIn(paths).slice(0, most)) {
    await ask({ path });
    await ask({ call: "attr", path });
    for (const format of ["json", "bin", "npy", "tiff"] as const) await ask({ call: "data", path, format });
    await ask({ call: "data", path, format: "bin", selection: "0" });
    await ask({ call: "stats", path, selection: "0" });
  }
  return all;
}

function pathsIn(answer: Said): readonly string[] {
  return "bytes" in answer ? (JSON.parse(String(answer.bytes)) as string[]) : ["/entry/data/data"];
}

/** The most memory in bytes that any process below this one has held. */
export function mostMemoryBelow(pid = process.pid): number {
  return Math.max(0, ...descendantsOf(pid).map(memoryOf));
}

function descendantsOf(pid: number): number[] {
  const children = readOr(`/proc/${pid}/task/${pid}/children`)
    .split(" ")
    .filter((word) => word !== "")
    .map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

function memoryOf(pid: number): number {
  const isReader = readOr(`/proc/${pid}/cmdline`).includes("serving/main.js");
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readOr(`/proc/${pid}/status`))?.[1] ?? "0";
  return isReader ? Number(kilobytes) * 1024 : 0;
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
