import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Unavailable } from "@endstation/core";
import { execHere } from "./exec.ts";
import { execOverSsh, quote } from "./ssh.ts";
import { startSshd, whyNoSshd } from "./testing/sshd.ts";

const calm = new AbortController().signal;
const hostile = [
  ...[
    "",
    " ",
    "'",
    "''",
    '"',
    "\\",
    "\\'",
    "$(touch /tmp/endstation-quote)",
    "`id`",
    "$HOME",
    "$x",
    "~",
    "~root",
    "=ls",
  ],
  ...[
    "*",
    "?",
    "[a]",
    "{a,b}",
    "!x",
    "#",
    "-n",
    "--",
    "A=b",
    "a;b",
    "a&b",
    "a|b",
    ">x",
    "<x",
    "a\nb",
    "a\r\nb",
    "\t",
    "\x01",
  ],
  ...["#SBATCH --time=1", "\n#SBATCH --time=1\n", "ünï ☃", "日本", "\u202e", "%j", "'$(id)'\"`id`\""],
];

for (const shell of ["bash", "dash"])
  test(`a quoted line is read back by ${shell} as exactly these words`, () => {
    const line = `printf '%s\\0' ${quote(hostile)}`;
    const output = execFileSync(shell, ["-c", line], { encoding: "utf8" });
    assert.deepEqual(output.split("\0").slice(0, -1), hostile);
  });

test("the character 0 is in no word", () => {
  assert.throws(() => quote(["a\0b"]), TypeError);
});

test("over a real OpenSSH: words and input arrive as they are, on one connection, and only at the host that is known", {
  skip: whyNoSshd() ?? false,
}, async (t) => {
  const { username } = userInfo();
  const sshd = await startSshd([username]);
  const controlFolder = mkdtempSync(join(tmpdir(), "est-ssh "));
  t.after(async () => {
    await sshd.stop();
    rmSync(controlFolder, { recursive: true, force: true });
  });
  const there = { ...sshd, controlFolder };
  const run = execOverSsh(there, username, execHere());
  const said = await run(
    { words: ["sh", "-c", 'printf "%s\\0" "$@"; cat; echo no >&2; exit 7', "sh", ...hostile], input: "in" },
    calm,
  );
  assert.deepEqual(said.output.split("\0"), [...hostile, "in"]);
  assert.deepEqual([said.status, said.error], [7, "no"]);
  const peers = await Promise.all(
    [1, 2, 3].map(() => run({ words: ["sh", "-c", "echo $SSH_CONNECTION"] }, calm)),
  );
  assert.equal(
    new Set(peers.map(({ output }) => output)).size,
    1,
    "each command has a connection of its own",
  );
  assert.equal(readdirSync(controlFolder).length, 1);
  const stranger = execOverSsh(there, "nobody-there", execHere());
  await assert.rejects(stranger({ words: ["true"] }, calm), Unavailable);
  const emptyFile = join(controlFolder, "known");
  writeFileSync(emptyFile, "");
  const unknown = execOverSsh(
    { ...there, knownHostsFile: emptyFile, controlFolder: "/nonexistent" },
    username,
    execHere(),
  );
  await assert.rejects(unknown({ words: ["true"] }, calm), /host key|Host key/i);
  const stop = new AbortController();
  const long = run({ words: ["sleep", "60"] }, stop.signal);
  setTimeout(() => stop.abort(), 100);
  await assert.rejects(long, /called off/);
});
