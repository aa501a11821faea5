import { never } from "../cancel.ts";
import { type ComputeSubject, type ContractCase, check, equal, seenAs } from "./subject.ts";

/** Batch sessions: a job that runs to its end, with nothing to be dialled. */
export function batchCases<Connection>(): ContractCase<Connection>[] {
  return [
    {
      name: "R31 R73 a batch session runs its program on the data, writes its results as its owner, and ends by itself",
      skip: needsBatch,
      async run(subject) {
        const gone = await ended(subject, program, ["first", "second word"], async (spec, log) => {
          check(log.includes("arguments first|second word"), `the log is: ${log}`);
          const { uid, gid } = spec.posix;
          const owner = await subject.ownerOf?.(spec, "from-batch.txt");
          if (owner !== undefined) equal(owner, { uid, gid }, "the result's owner");
        });
        equal(gone, { state: "gone", exitCode: 0, cause: null }, "its end");
      },
    },
    {
      name: "R31 a batch session whose program fails is gone with that exit code",
      skip: needsBatch,
      async run(subject) {
        const gone = await ended(subject, "#!/bin/sh\necho going down\nexit 3\n", [], async (_spec, log) =>
          check(log.includes("going down"), `the log is: ${log}`),
        );
        equal(gone, { state: "gone", exitCode: 3, cause: null }, "its end");
      },
    },
    {
      name: "R31 a batch session is called off while it runs",
      skip: needsBatch,
      async run(subject) {
        const { provider } = subject;
        const spec = await subject.spec({ job: { script: "import time\ntime.sleep(600)\n", arguments: [] } });
        try {
          const { handle } = await provider.launch(spec, never);
          await seenAs(subject, provider, handle, "running");
          await provider.terminate({ sessionId: spec.sessionId, handle }, never);
          const gone = (await seenAs(subject, provider, handle, "gone"))?.observation;
          if (gone?.state === "gone") equal(gone.cause, null, "the cause");
        } finally {
          await provider.terminate({ sessionId: spec.sessionId, handle: null }, never);
        }
      },
    },
  ];
}

const program = `import os, sys
data = open("/data/sample/counts.dat").read().split()
open("/results/from-batch.txt", "w").write(str(sum(map(int, data))))
print("arguments", "|".join(sys.argv[1:]), flush=True)
`;

async function ended<Connection>(
  subject: ComputeSubject<Connection>,
  script: string,
  words: readonly string[],
  look: (spec: Awaited<ReturnType<typeof subject.spec>>, log: string) => Promise<void> | void,
) {
  const { provider } = subject;
  const spec = await subject.spec({ job: { script, arguments: words } });
  try {
    const { handle } = await provider.launch(spec, never);
    const gone = (await seenAs(subject, provider, handle, "gone"))?.observation;
    const log = await provider.logs?.({ sessionId: spec.sessionId, handle }, 100_000, never);
    await look(spec, log ?? "");
    return gone;
  } finally {
    await provider.terminate({ sessionId: spec.sessionId, handle: null }, never);
  }
}

function needsBatch<Connection>(subject: ComputeSubject<Connection>): string | null {
  return subject.provider.capabilities.kinds.includes("batch") ? null : "it runs no batch sessions";
}
