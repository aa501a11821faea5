import { needsRun } from "./isolation-cases.ts";
import { type ComputeSubject, type ContractCase, check, seenAs, thrownBy, withSession } from "./subject.ts";

const small = { memoryMiB: 512, processes: 64, cpus: 1 };

/** A session is held to its flavour's size, by the means that it declares. */
export function limitCases<Connection>(): ContractCase<Connection>[] {
  return [
    {
      name: "R24 a process that takes more memory than the flavour has is stopped, and the session lives on",
      inside: true,
      skip: (subject) => needsLimit(subject, ["cgroup-v1", "cgroup-v2", "rlimit", "engine"]),
      async run(subject) {
        await withSession(
          subject,
          async ({ provider, target }) => {
            const outcome = await subject.run?.(provider, target, hungry).then(
              (printed) => printed,
              (error: Error) => `killed: ${error.message}`,
            );
            check(
              outcome !== undefined && !outcome.includes("had it all"),
              `it got more than it should: ${outcome}`,
            );
            await seenAs(subject, provider, target.handle, "running");
          },
          { flavour: small },
        );
      },
    },
    {
      name: "R24 a session whose own server is killed for memory is observed as gone, out of memory",
      inside: true,
      skip: (subject) => needsLimit(subject, ["cgroup-v1", "cgroup-v2"]),
      async run(subject) {
        await withSession(
          subject,
          async ({ provider, target }) => {
            await thrownBy(Promise.resolve(subject.run?.(provider, target, fillMemoryFiles)));
            const seen = await seenAs(subject, provider, target.handle, "gone");
            const gone = seen?.observation;
            check(
              gone?.state === "gone" && gone.cause?.code === "out-of-memory",
              `got ${JSON.stringify(gone)}`,
            );
          },
          { flavour: small },
        );
      },
    },
    {
      name: "R114 a fork bomb ends at the flavour's number of processes",
      inside: true,
      skip: (subject) => needsLimit(subject, ["cgroup-v1", "cgroup-v2", "rlimit", "engine"]),
      async run(subject) {
        await withSession(
          subject,
          async ({ provider, target }) => {
            const printed = (await subject.run?.(provider, target, bomb)) ?? "";
            const made = Number(printed.trim().split("\n").at(-1));
            check(made > 0 && made < 200, `it made ${printed} processes`);
          },
          { flavour: small },
        );
      },
    },
    {
      name: "R24 it computes on no more processors than the flavour has",
      inside: true,
      skip: (subject) => needsLimit(subject, ["cgroup-v1", "cgroup-v2"]),
      async run(subject) {
        await withSession(
          subject,
          async ({ provider, target }) => {
            const printed = (await subject.run?.(provider, target, busy)) ?? "";
            const share = Number(printed.trim().split("\n").at(-1));
            check(share > 0 && share < 0.75, `half a processor was given, ${printed} were used`);
          },
          { flavour: { ...small, memoryMiB: 1024, cpus: 0.5 } },
        );
      },
    },
  ];
}

/** Takes memory as long as it gets some: twice what the flavour has would be too much. */
const hungry = `
taken = []
try:
    for _ in range(128):
        taken.append(bytearray(8 * 1024 * 1024))
        taken[-1][::4096] = b"x" * len(taken[-1][::4096])
    print("had it all")
except MemoryError:
    taken.clear()
    print("refused")`;

/** Memory that no process's end gives back: every process of the session is killed in turn. */
const fillMemoryFiles = `
import os
chunk = b"x" * (4 * 1024 * 1024)
for folder in ("/dev/shm", "/tmp"):
    with open(folder + "/full", "wb") as file:
        try:
            while True:
                file.write(chunk)
        except OSError:
            pass
taken = [bytearray(os.urandom(1)) * (8 * 1024 * 1024) for _ in range(128)]`;

const bomb = `
import os, signal, time
made = []
try:
    for _ in range(400):
        pid = os.fork()
        if pid == 0:
            time.sleep(60)
            os._exit(0)
        made.append(pid)
except OSError:
    pass
for pid in made:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
print(len(made))`;

/** Processor seconds per second, over four processes that do nothing but count. */
const busy = `
import os, time
start, children = time.monotonic(), []
for _ in range(4):
    pid = os.fork()
    if pid == 0:
        until = time.monotonic() + 3
        while time.monotonic() < until:
            pass
        os._exit(0)
    children.append(pid)
used = 0.0
for pid in children:
    _, _, usage = os.wait4(pid, 0)
    used += usage.ru_utime + usage.ru_stime
print(used / (time.monotonic() - start))`;

function needsLimit<Connection>(
  subject: ComputeSubject<Connection>,
  kinds: readonly string[],
): string | null {
  return kinds.includes(subject.provider.capabilities.limits)
    ? needsRun(subject)
    : `it holds sessions by ${subject.provider.capabilities.limits}, which does not promise this`;
}
