import { type ComputeSubject, type ContractCase, check, equal, withSession } from "./subject.ts";

/** What a session cannot do. Each probe is Python that runs inside and prints JSON. */
export function isolationCases<Connection>(): ContractCase<Connection>[] {
  return [
    probe(
      "R43 it runs as its own account without a right: no capability, no new privileges",
      async (ask, { uid, gid }) => {
        const all = await ask<Record<string, string>[]>(`
import json, os
found = []
for pid in filter(str.isdigit, os.listdir("/proc")):
    lines = [line.split(":", 1) for line in open(f"/proc/{pid}/status")]
    found.append({name: value.strip() for name, value in lines})
print(json.dumps(found))`);
        check(all.length >= 3, "the kernel, the server and process 1 are not all there");
        for (const status of all) {
          const who = `of ${status["Name"]}`;
          equal(status["Uid"], Array(4).fill(uid).join("\t"), `the user ${who}`);
          equal(status["Gid"], Array(4).fill(gid).join("\t"), `the group ${who}`);
          for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
            equal(Number(`0x${status[set]}`), 0, `${set} ${who}`);
          equal(status["NoNewPrivs"], "1", `NoNewPrivs ${who}`);
        }
      },
    ),
    probe("R3 R58 the data are where the document says, and nobody can change them", async (ask) => {
      const found = await ask<{ names: string[]; refused: string[] }>(`
import errno, json, os
document = json.load(open("/run/session/spec.json"))
path = document["datasets"][0]["path"]
first = os.path.join(path, document["datasets"][0]["files"][0])
refused = []
for attempt in (lambda: open(first, "a"), lambda: open(path + "/new", "w"), lambda: os.unlink(first), lambda: os.chmod(first, 0o777),
                lambda: os.rename(first, path + "/other"), lambda: os.mkdir("/data/new")):
    try:
        attempt()
        refused.append("done")
    except OSError as error:
        refused.append(errno.errorcode[error.errno])
print(json.dumps({"names": os.listdir(path), "refused": refused, "read": len(open(first, "rb").read())}))`);
      check(found.names.length > 0, "the dataset's folder is empty");
      for (const answer of found.refused)
        check(["EROFS", "EACCES", "EPERM", "EXDEV"].includes(answer), `a change was answered ${answer}`);
    }),
    probe(
      "R42 R60 home and results can be written, and belong to the session's account",
      async (ask, { uid, gid }) => {
        const owners = await ask<number[][]>(`
import json, os
owners = []
for path in ("/home/user/probe", "/results/probe"):
    open(path, "w").write("x")
    found = os.stat(path)
    owners.append([found.st_uid, found.st_gid])
    os.unlink(path)
print(json.dumps(owners))`);
        equal(owners[0]?.[0], uid, "the home's file's user");
        equal(owners[1], [uid, gid], "the result's owner");
      },
    ),
    probe(
      "the system and the environment can be read and not changed, and hold no secret of the machine",
      async (ask) => {
        const found = await ask<{ refused: string[]; etc: string[]; passwd: string }>(`
import errno, json, os, sys
refused = []
for path in ("/usr/probe", "/etc/probe", "/probe", "/run/session/probe", "/run/probe", sys.prefix + "/probe", "/opt/probe"):
    try:
        open(path, "w")
        refused.append(path + " written")
    except OSError as error:
        refused.append(errno.errorcode[error.errno])
print(json.dumps({"refused": refused, "etc": sorted(os.listdir("/etc")), "passwd": open("/etc/passwd").read()}))`);
        for (const answer of found.refused)
          check(["EROFS", "EACCES", "EPERM", "ENOENT"].includes(answer), answer);
        for (const name of ["shadow", "ssh", "ssl", "machine-id", "sudoers"])
          check(!found.etc.includes(name), `/etc/${name} is there`);
        check(!found.passwd.includes("root"), "the machine's accounts are listed");
      },
    ),
    probe("it sees no process but its own", async (ask) => {
      const names = await ask<string[]>(`
import json, os
names = []
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        names.append(open(f"/proc/{pid}/comm").read().strip())
    except OSError:
        pass
print(json.dumps(names))`);
      check(names.length < 30, `it sees ${names.length} processes`);
      for (const name of names) check(!/^(systemd|init|node|postgres)/.test(name), `it sees ${name}`);
    }),
    {
      name: "R114 it reaches no network and nothing on the machine's loopback address",
      inside: true,
      skip: (subject) =>
        subject.provider.capabilities.network === "none"
          ? needsRun(subject)
          : "its network is open by declaration",
      run: (subject) =>
        asking(subject, async (ask) => {
          const answers = await ask<string[]>(`
import errno, json, socket
answers = []
for address in (("127.0.0.1", ${subject.openPort ?? 22}), ("192.0.2.1", 443), ("10.0.0.1", 22)):
    try:
        socket.create_connection(address, timeout=2)
        answers.append("connected")
    except OSError as error:
        answers.append(errno.errorcode.get(error.errno, str(error)))
try:
    socket.getaddrinfo("example.org", 443)
    answers.append("resolved")
except OSError as error:
    answers.append("EAI")
print(json.dumps(answers))`);
          for (const answer of answers) check(!["connected", "resolved"].includes(answer), answer);
        }),
    },
    probe("it can make no namespace, mount nothing and trace nobody outside", async (ask) => {
      const answers = await ask<Record<string, string>>(`
import ctypes, errno, json
libc = ctypes.CDLL(None, use_errno=True)
def answer(result):
    return "done" if result == 0 else errno.errorcode[ctypes.get_errno()]
print(json.dumps({
    "user namespace": answer(libc.unshare(0x10000000)),
    "mount namespace": answer(libc.unshare(0x00020000)),
    "mount": answer(libc.mount(b"none", b"/tmp", b"tmpfs", 0, None)),
    "chroot": answer(libc.chroot(b"/tmp")),
    "host name": answer(libc.sethostname(b"x", 1)),
    "root": answer(libc.setuid(0)),
}))`);
      for (const [what, answer] of Object.entries(answers)) check(answer !== "done", `${what}: ${answer}`);
    }),
    {
      name: "R23 it cannot see or reach the portal's state, its sockets, or other people's folders",
      inside: true,
      skip: needsRun,
      async run(subject) {
        await asking(subject, async (ask, spec) => {
          const { isolation } = subject.provider.capabilities;
          const other = await subject.spec({ person: "two" });
          const own = spec.mounts.map((mount) => mount.source);
          const theirs = other.mounts.map((mount) => mount.source).filter((path) => !own.includes(path));
          // A container has folders of these names of its image's own.
          const ofTheMachine = isolation === "container" ? [] : ["/root", "/var/log"];
          const hidden = [...(subject.hidden ?? []), ...theirs, ...ofTheMachine];
          const there = await ask<string[]>(`
import json, os
print(json.dumps([path for path in ${JSON.stringify(hidden)} if os.path.lexists(path)]))`);
          equal(there, [], "what it sees");
        });
      },
    },
    {
      name: "R23 two sessions share nothing: temporary files, memory, abstract sockets, processes",
      inside: true,
      skip: needsRun,
      async run(subject) {
        await asking(subject, async (askOne) => {
          await asking(
            subject,
            async (askTwo) => {
              await askOne(leaveTraces);
              equal(await askTwo<string[]>(findTraces), [], "what the second finds of the first");
            },
            "two",
          );
        });
      },
    },
  ];
}

const leaveTraces = `
import json, socket
open("/tmp/trace", "w").write("x")
open("/dev/shm/trace", "w").write("x")
listener = socket.socket(socket.AF_UNIX)
listener.bind("\\0trace")
listener.listen()
tcp = socket.create_server(("127.0.0.1", 8999))
print(json.dumps(None))`;

const findTraces = `
import json, os, socket
found = [path for path in ("/tmp/trace", "/dev/shm/trace") if os.path.exists(path)]
for family, address in ((socket.AF_UNIX, "\\0trace"), (socket.AF_INET, ("127.0.0.1", 8999))):
    try:
        socket.socket(family).connect(address)
        found.append(str(address))
    except OSError:
        pass
print(json.dumps(found))`;

type Ask = <T>(code: string) => Promise<T>;
type Spec = Awaited<ReturnType<ComputeSubject<never>["spec"]>>;
/** The account as a session sees it. */
type Account = Spec["posix"];

function probe<Connection>(
  name: string,
  body: (ask: Ask, account: Account) => Promise<void>,
): ContractCase<Connection> {
  const run = (subject: ComputeSubject<Connection>) =>
    asking(subject, (ask, { posix }) => body(ask, subject.insideAs?.(posix) ?? posix));
  return { name, inside: true, skip: needsRun, run };
}

export function needsRun<Connection>(subject: ComputeSubject<Connection>): string | null {
  if (subject.provider.capabilities.isolation === "none") return "it declares isolation none";
  return subject.run === undefined ? "the subject cannot run code inside a session" : null;
}

/** A running session and a way to ask it, by Python that prints JSON last. */
export async function asking<Connection>(
  subject: ComputeSubject<Connection>,
  body: (ask: Ask, spec: Spec) => Promise<void>,
  person: "one" | "two" = "one",
): Promise<void> {
  await withSession(
    subject,
    async ({ provider, spec, target }) => {
      const ask: Ask = async (code) => {
        const printed = (await subject.run?.(provider, target, code)) ?? "";
        try {
          return JSON.parse(printed.trim().split("\n").at(-1) ?? "");
        } catch {
          throw new Error(`the session answered: ${printed}`);
        }
      };
      await body(ask, spec);
    },
    { person },
  );
}
