import type { SpawnOptions } from "node:child_process";

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

export function childEnvironment(home: string, extra?: Record<string, string>): Record<string, string>;
export function run(program: string, programArguments: string[], options?: SpawnOptions): Promise<Ran>;
export function tail(text: string, lines?: number): string;
