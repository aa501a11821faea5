import { Rejected } from "../../src/errors.ts";
import type { ComputeProvider, Target } from "../../src/ports/compute-provider.ts";
import { never } from "../cancel.ts";
import {
  type ComputeSubject,
  type ContractCase,
  check,
  equal,
  seenAs,
  thrownBy,
  withSession,
} from "./subject.ts";

/** Terminal sessions: a shell that several may look at, and that is there as long as the session. */
export function terminalCases<Connection>(): ContractCase<Connection>[] {
  return [
    {
      name: "R20 R42 R58 a terminal's shell has the data to read, the results to write, and the environment's software",
      inside: true,
      skip: needsTerminal,
      async run(subject) {
        await withTerminal(subject, async (type) => {
          await type("cat /data/sample/counts.dat && pwd", "\r1 2 3\r\n/home/user\r\n");
          await type("touch /data/sample/new; echo $?", "\n1\r\n");
          await type("echo kept > /results/from-shell.txt && cat /results/from-shell.txt", "\rkept\r\n");
          await type("python -c 'import h5py; print(6 * 7)'", "\r42\r\n");
          await type("test -t 0 && stty size", "\r24 80\r\n");
        });
      },
    },
    {
      name: "R43 what a terminal's shell writes is its owner's",
      skip: needsTerminal,
      async run(subject) {
        await withTerminal(subject, async (type, { spec }) => {
          await type("echo mine > /results/whose.txt && echo wri''tten", "written");
          const owner = await subject.ownerOf?.(spec, "whose.txt");
          const { uid, gid } = spec.posix;
          if (owner !== undefined) equal(owner, { uid, gid }, "the file's owner");
        });
      },
    },
    {
      name: "R22 a terminal's shell is the same for who comes again, by another provider too",
      skip: needsTerminal,
      async run(subject) {
        await withTerminal(subject, async (type) => {
          await type("cd /results; mark=st''ill; echo be''fore", "before");
          const screen = await type("echo $mark in $PWD", "still in /results", await subject.open());
          check(screen.includes("before"), "what was on the screen is not there again");
        });
      },
    },
    {
      name: "dial rejects a terminal's other endpoints",
      skip: needsTerminal,
      async run(subject) {
        await withTerminal(subject, async (_type, { provider, target }) => {
          const error = await thrownBy(provider.dial(target, "jupyter", never));
          check(error instanceof Rejected, `not Rejected but ${error}`);
        });
      },
    },
    {
      name: "a terminal whose shell ends is gone, in order",
      skip: needsTerminal,
      async run(subject) {
        await withTerminal(subject, async (type, { provider, target }) => {
          await type("false; exit", "exit");
          const gone = (await seenAs(subject, provider, target.handle, "gone"))?.observation;
          equal(gone, { state: "gone", exitCode: 0, cause: null }, "its end");
        });
      },
    },
  ];
}

type Running<Connection> = Parameters<Parameters<typeof withSession<Connection>>[1]>[0];

async function withTerminal<Connection>(
  subject: ComputeSubject<Connection>,
  body: (
    type: (line: string, wanted: string, over?: ComputeProvider<Connection>) => Promise<string>,
    running: Running<Connection>,
  ) => Promise<void>,
): Promise<void> {
  const typed = async (over: ComputeProvider<Connection>, target: Target, line: string, wanted: string) =>
    (await subject.type?.(await over.dial(target, "terminal", never), line, wanted)) ?? "";
  await withSession(
    subject,
    (running) =>
      body((line, wanted, over = running.provider) => typed(over, running.target, line, wanted), running),
    { kind: "terminal" },
  );
}

function needsTerminal<Connection>({ provider, type }: ComputeSubject<Connection>): string | null {
  if (!provider.capabilities.kinds.includes("terminal")) return "it runs no terminals";
  return type === undefined ? "the subject cannot type" : null;
}
