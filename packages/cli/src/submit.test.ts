import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Session } from "@endstation/api";
import { newIn } from "./commands/logs.ts";
import { at, atPortal, id, page, session } from "./testing/at-portal.ts";

const job = { notebook: null, arguments: [], retries: 0, retried: 0, hasScript: true };
const batch = (changes: Partial<Session> = {}) =>
  session({ kind: "batch", endpoints: [], job, phase: "pending", ...changes });
const completed = { phase: "stopped", reason: "completed", exitCode: 0, endedAt: at } as const;
const cause = {
  code: "exit-code",
  title: "It ended with an error",
  detail: "exit code 3",
  next: "See the log.",
};
const failed = { phase: "failed", reason: "exit-code", exitCode: 3, cause, endedAt: at } as const;

test("R31 R53 submit sends a program's text, its arguments and what it is to run over", () =>
  atPortal({ startSession: () => batch() }, async (cli, portal) => {
    const file = join(cli.home, "sum.py");
    writeFileSync(file, "print('π')\n");
    const words = ["submit", "nexus", "--script", file, "--dataset", "d-1", "--dataset", "d-2", "--each"];
    const { exitCode, err } = await cli.run(...words, "--retries", "2", "--", "first", "--second=x");
    assert.equal(exitCode, 0, err);
    assert.deepEqual(portal.asked[0]?.input["body"], {
      environment: "nexus",
      datasets: ["d-1", "d-2"],
      parameters: {},
      job: { script: "print('π')\n", over: "datasets", arguments: ["first", "--second=x"], retries: 2 },
    });
    assert.match(portal.asked[0]?.idempotencyKey ?? "", /^[\w-]{36}$/);
  }));

test("R73 submit runs a notebook with parameters", () =>
  atPortal({ startSession: () => batch() }, async (cli, portal) => {
    const { exitCode } = await cli.run("submit", "nexus", "--notebook", "a.ipynb", "--parameter", "step=0.5");
    assert.equal(exitCode, 0);
    const body = portal.asked[0]?.input["body"] as { job: unknown; parameters: unknown };
    assert.deepEqual(body.parameters, { step: 0.5 });
    assert.deepEqual(body.job, { notebook: "a.ipynb", arguments: [], retries: 0 });
  }));

test("R31 the exit code of submit --wait tells whether the job went well", () =>
  atPortal({ startSession: () => batch() }, async (cli, portal) => {
    const words = ["submit", "nexus", "--notebook", "a.ipynb", "--wait"];
    portal.answers.getSession = () => batch(completed);
    const well = await cli.run(...words);
    assert.deepEqual([well.exitCode, /exit code +0/.test(well.out)], [0, true], well.err);
    portal.answers.getSession = () => batch(failed);
    const badly = await cli.run(...words);
    assert.equal(badly.exitCode, 1);
    assert.match(badly.err, /✖ exit-code: /);
    portal.answers.getSession = () => batch({ phase: "stopped", reason: "user", endedAt: at });
    assert.equal((await cli.run(...words)).exitCode, 1);
  }));

test("R31 submit --each --wait waits for all of them and fails where one did", () =>
  atPortal({}, async (cli, portal) => {
    const ids = [id, `${id.slice(0, -1)}k`];
    const members = ids.map((one, index) => batch({ id: one, array: { id, index, size: 2 } }));
    portal.answers.startSession = () => members[0];
    portal.answers.listSessions = () => page(...members.toReversed());
    portal.answers.getSession = ({ input }) =>
      input["id"] === id ? batch({ ...members[0], ...completed }) : batch({ ...members[1], ...failed });
    const ran = await cli.run(
      "submit",
      "nexus",
      "--notebook",
      "a.ipynb",
      "--dataset",
      "d",
      "--each",
      "--wait",
    );
    assert.equal(ran.exitCode, 1);
    assert.deepEqual(portal.asked.find(({ name }) => name === "listSessions")?.input["array"], id);
    const rows = ran.out.trim().split("\n").slice(1);
    assert.deepEqual(
      rows.map((row) => row.split(/\s+/).slice(0, 2)),
      [
        [ids[0], "stopped"],
        [ids[1], "failed"],
      ],
    );
  }));

test("R31 logs --follow tells what is written, once and in whole lines, until the session has ended", () =>
  atPortal({}, async (cli, portal) => {
    const texts = ["cell 1 of 2\ncel", "cell 1 of 2\ncell 2 of 2\n", "cell 1 of 2\ncell 2 of 2\ndone"];
    portal.answers.getSession = () => batch(texts.length > 1 ? { phase: "running" } : completed);
    portal.answers.getSessionLog = () => ({ text: texts.shift() });
    const { exitCode, out } = await cli.run("logs", id, "--follow");
    assert.deepEqual([exitCode, out], [0, "cell 1 of 2\ncell 2 of 2\ndone\n"]);
  }));

test("R31 logs --follow has no JSON, and says so", () =>
  atPortal({}, async (cli) => {
    const { exitCode, err } = await cli.run("logs", id, "--follow", "--json");
    assert.deepEqual([exitCode, JSON.parse(err).code], [2, "wrong-use"]);
  }));

test("R31 a log that was cut at its beginning goes on where it was", () => {
  const long = Array.from({ length: 1000 }, (_, number) => `line ${number}\n`);
  assert.equal(newIn(long.slice(100).join(""), long.slice(0, 900).join("")), long.slice(900).join(""));
});

test("R31 stop --array stops all that were submitted together", () =>
  atPortal({ stopSession: () => batch({ phase: "stopping" }) }, async (cli, portal) => {
    await cli.run("stop", id, "--array");
    assert.deepEqual(portal.asked[0]?.input, { id, array: true });
  }));
