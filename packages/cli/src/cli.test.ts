import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { portalAddress } from "./portal.ts";
import { at, atPortal, id, page, session } from "./testing/at-portal.ts";
import { hangUp, Refused, withFakePortal } from "./testing/fake-portal.ts";
import { Cli } from "./testing/run-cli.ts";

const dataset = {
  id: "nsls-1998-polystyrene-spheres",
  pid: null,
  title: "Polystyrene spheres, 255 nm and 460 nm, and a title that goes on for longer than any line",
  proposal: "p-1",
  instrument: "usaxs",
  facility: "nsls",
  techniques: [],
  sample: null,
  createdAt: "1998-12-05T12:00:00.000Z",
  sizeBytes: 1_400_000,
  fileCount: 2,
  releaseAt: null,
  licence: null,
  access: "open" as const,
  kind: "raw" as const,
  availability: "online" as const,
};

test("lists go to stdout as a table of at most 80 columns, with ids whole", () =>
  atPortal({ listDatasets: () => page(dataset, { ...dataset, id: "short" }) }, async (cli, portal) => {
    const { exitCode, out, err } = await cli.runProcess("datasets");
    assert.deepEqual([exitCode, err], [0, ""]);
    const lines = out.trimEnd().split("\n");
    assert.match(lines[0] ?? "", /^ID +ACCESS +SIZE +DATE +TITLE$/);
    assert.match(
      lines[1] ?? "",
      /^nsls-1998-polystyrene-spheres +open +1\.4 MB +1998-12-05 +Polystyrene .*…$/,
    );
    for (const line of lines) assert.ok([...line].length <= 80, line);
    assert.equal(portal.asked[0]?.token, "est_given");
    assert.ok(!out.includes("\u001b"));
  }));

test("filters reach the portal; --json prints its answer", () =>
  atPortal({ listDatasets: () => page(dataset) }, async (cli, portal) => {
    const words = [
      "datasets",
      "latex",
      "spheres",
      "--proposal",
      "p-1",
      "--access",
      "open",
      "--from",
      "1998-01-31",
    ];
    const { out } = await cli.run(...words, "--limit", "7", "--json");
    assert.deepEqual(JSON.parse(out), page(dataset));
    const { input } = portal.asked[0] ?? { input: {} };
    assert.deepEqual(input, {
      q: "latex spheres",
      proposal: "p-1",
      access: "open",
      from: "1998-01-31T00:00:00Z",
      limit: 7,
    });
  }));

test("an empty list says so beside the answer", () =>
  atPortal({ listSessions: () => page() }, async (cli) => {
    assert.deepEqual(await cli.run("list"), { exitCode: 0, out: "", err: "There is nothing.\n" });
    assert.deepEqual(JSON.parse((await cli.run("list", "--json")).out), page());
  }));

test("a refusal ends with 1, its code and the next step on stderr, and nothing on stdout", () =>
  atPortal({ getSession: () => new Refused(404, "not-found", "there is no such session") }, async (cli) => {
    const plain = await cli.runProcess("show", id);
    assert.deepEqual([plain.exitCode, plain.out], [1, ""]);
    assert.match(plain.err, /^✖ not-found: .*\n {2}there is no such session\n {2}Do something else\.\n$/);
    const asJson = await cli.run("show", id, "--json");
    assert.equal(asJson.exitCode, 1);
    assert.equal(JSON.parse(asJson.err).code, "not-found");
  }));

test("fields that the portal found wrong are named", () =>
  atPortal(
    {
      startSession: () =>
        new Refused(400, "malformed-request", "body.name: too long", [
          { path: "body.name", message: "too long" },
        ]),
    },
    async (cli) => {
      const { exitCode, err } = await cli.run("start", "nexus");
      assert.equal(exitCode, 1);
      assert.match(err, /body\.name: too long/);
    },
  ));

test("wrong use ends with 2 and asks the portal nothing", () =>
  atPortal({}, async (cli, portal) => {
    const wrong = [
      ["start"],
      ["frobnicate"],
      ["show", "not-an-id"],
      ["stop", "s-1"],
      ["list", "--nonsense"],
      ["list", "--live", "--ended"],
      ["share", id, "pi"],
      ["share", id, "pi", "--as", "king"],
      ["extend", id, "soon"],
      ["start", "nexus", "--parameter", "no-value"],
      ["submit", "nexus"],
      ["submit", "nexus", "--script", "a", "--notebook", "b"],
      ["submit", "nexus", "--script", "/no/such/file"],
      ["submit", "nexus", "--notebook", "a.ipynb", "--each"],
      ["submit", "nexus", "--notebook", "a.ipynb", "--retries", "6"],
      ["token", "make", "n", "--scope", "admin"],
      ["token", "make", "n", "--days", "0"],
      ["list", "--portal", "ftp://portal.example.org"],
      ["list", "--portal", "http://portal.example.org"],
    ];
    for (const words of wrong) {
      const { exitCode, out, err } = await cli.run(...words);
      assert.deepEqual([exitCode, out], [2, ""], words.join(" "));
      assert.match(err, /^✖ wrong-use: /, words.join(" "));
    }
    assert.deepEqual(portal.asked, []);
  }));

test("without a portal or a log-in it says how to get one", () =>
  atPortal(
    {},
    async (cli, portal) => {
      const { exitCode, err } = await cli.run("list");
      assert.equal(exitCode, 1);
      assert.match(err, /not-logged-in[\s\S]*endstation login http:\/\/127/);
      delete cli.environment["ENDSTATION_URL"];
      const nowhere = await cli.runProcess("list");
      assert.equal(nowhere.exitCode, 2);
      assert.match(nowhere.err, /endstation login URL/);
      assert.deepEqual(portal.asked, []);
    },
    {},
  ));

test("a portal that is not there is named", async () => {
  let gone = "";
  await withFakePortal({}, async ({ url }) => {
    gone = url;
  });
  const cli = new Cli({ ENDSTATION_URL: gone, ENDSTATION_TOKEN: "est_given" });
  const { exitCode, err } = await cli.run("list");
  cli.end();
  assert.equal(exitCode, 1);
  assert.ok(err.includes(`portal-unreachable: ${gone} cannot be reached (ECONNREFUSED)`), err);
});

test("log-in: a code is shown, the token is kept for its owner only and never printed; log-out revokes it", () =>
  atPortal(
    {
      beginDevice: ({ input }) => {
        nameAsked = (input["body"] as { name: string }).name;
        return {
          deviceCode: "device-code",
          userCode: "BCDF-GHJK",
          verificationUrl: "http://portal/device",
          expiresInSeconds: 600,
          pollEverySeconds: 0,
        };
      },
      listTokens: ({ token }) =>
        page({
          id: "t-1",
          name: nameAsked,
          scopes: ["read" as const],
          createdAt: at,
          expiresAt: at,
          lastUsedAt: token === null ? null : at,
        }),
      me: () => ({ id: "p-1", name: "P I", email: null, account: "pi", roles: [], identities: [] }),
      revokeToken: () => undefined,
    },
    async (cli, portal) => {
      let polls = 0;
      portal.answers.pollDevice = () => {
        polls += 1;
        if (polls === 1) return new Refused(429, "too-many-requests", "slower");
        return polls < 4
          ? { state: "waiting", token: null, account: null }
          : { state: "approved", token: "est_secret", account: "pi" };
      };
      delete cli.environment["ENDSTATION_URL"];
      const login = await cli.runProcess("login", portal.url);
      assert.equal(login.exitCode, 0, login.err);
      assert.match(login.err, /http:\/\/portal\/device[\s\S]*BCDF-GHJK/);
      assert.match(login.out, /Logged in at .* as pi\./);
      assert.doesNotMatch(login.out + login.err, /est_secret|device-code/);
      const file = join(cli.home, ".config/endstation/credentials.json");
      assert.equal(statSync(file).mode & 0o777, 0o600);
      assert.equal(statSync(join(cli.home, ".config/endstation")).mode & 0o777, 0o700);
      assert.match(readFileSync(file, "utf8"), /est_secret/);
      assert.match((await cli.run("whoami")).out, /account +pi/);
      assert.equal(portal.asked.at(-1)?.token, "est_secret");
      assert.equal((await cli.run("logout")).exitCode, 0);
      assert.deepEqual([portal.asked.at(-1)?.name, portal.asked.at(-1)?.input["id"]], ["revokeToken", "t-1"]);
      assert.doesNotMatch(readFileSync(file, "utf8"), /est_secret/);
    },
    {},
  ));
let nameAsked = "";

test("a log-in that is refused or forgotten keeps nothing", () =>
  atPortal(
    {
      beginDevice: () => ({
        deviceCode: "d",
        userCode: "BCDF-GHJK",
        verificationUrl: "http://portal/device",
        expiresInSeconds: 600,
        pollEverySeconds: 0,
      }),
    },
    async (cli, portal) => {
      for (const state of ["refused", "expired"] as const) {
        portal.answers.pollDevice = () => ({ state, token: null, account: null });
        const { exitCode, err } = await cli.run("login");
        assert.equal(exitCode, 1);
        assert.match(err, /login-failed/);
      }
      assert.equal(existsSync(join(cli.home, ".config/endstation/credentials.json")), false);
    },
    {},
  ));

test("XDG_CONFIG_HOME is honoured; a broken credentials file is named, not overwritten", () =>
  atPortal({}, async (cli) => {
    cli.environment["XDG_CONFIG_HOME"] = cli.home;
    delete cli.environment["ENDSTATION_TOKEN"];
    delete cli.environment["ENDSTATION_URL"];
    const file = join(cli.home, "endstation", "credentials.json");
    mkdirSync(join(cli.home, "endstation"));
    writeFileSync(file, "{ broken");
    const { exitCode, err } = await cli.run("list");
    assert.equal(exitCode, 1);
    assert.match(err, /credentials-unusable[\s\S]*credentials\.json/);
    assert.equal(readFileSync(file, "utf8"), "{ broken");
  }));

test("token make prints the token, and nothing else does", () =>
  atPortal(
    {
      beginDevice: () => ({
        deviceCode: "d",
        userCode: "BCDF-GHJK",
        verificationUrl: "http://portal/device",
        expiresInSeconds: 600,
        pollEverySeconds: 0,
      }),
      pollDevice: () => ({ state: "approved", token: "est_made", account: "pi" }),
    },
    async (cli, portal) => {
      const { exitCode, out } = await cli.run("token", "make", "ci", "--scope", "read", "--days", "7");
      assert.deepEqual([exitCode, out], [0, "est_made\n"]);
      assert.deepEqual(portal.asked[0]?.input, {
        body: { name: "ci", scopes: ["read"], expiresInSeconds: 7 * 86_400 },
      });
      assert.equal(existsSync(join(cli.home, ".config/endstation/credentials.json")), false);
    },
  ));

test("R20 R21 R59 start sends what was asked for, with types, and prints the session", () =>
  atPortal({ startSession: () => session() }, async (cli, portal) => {
    const words = [
      "start",
      "nexus",
      "--dataset",
      "d-1",
      "--dataset",
      "d-2",
      "--flavour",
      "small",
      "--name",
      "N",
    ];
    const more = [
      "--notebook",
      "a.ipynb",
      "--parameter",
      "t=8.5",
      "--parameter",
      "label=x=y",
      "--parameter",
      "on=true",
    ];
    const { exitCode, out } = await cli.run(...words, ...more);
    assert.equal(exitCode, 0);
    assert.match(out, new RegExp(`id +${id}`));
    const { input, idempotencyKey } = portal.asked[0] ?? {};
    assert.deepEqual(input?.["body"], {
      environment: "nexus",
      datasets: ["d-1", "d-2"],
      flavour: "small",
      name: "N",
      notebook: "a.ipynb",
      parameters: { t: 8.5, label: "x=y", on: true },
    });
    assert.match(idempotencyKey ?? "", /^[\w-]{36}$/);
  }));

test("an answer that is lost on the way starts no second session: the same key goes again", () =>
  atPortal({}, async (cli, portal) => {
    let tries = 0;
    portal.answers.startSession = () => {
      tries += 1;
      return tries === 1 ? hangUp : session();
    };
    const { exitCode } = await cli.run("start", "nexus");
    assert.equal(exitCode, 0);
    const keys = portal.asked.map(({ idempotencyKey }) => idempotencyKey);
    assert.deepEqual([keys.length, new Set(keys).size], [2, 1]);
  }));

test("--wait tells each stage once, as it happens, through an outage of the portal, and ends when it runs", () =>
  atPortal({ startSession: () => session() }, async (cli, portal) => {
    const accepted = { name: "accepted", at };
    const placed = { name: "placed", at };
    const life = [
      session({ phase: "starting", stages: [accepted, placed] }),
      new Refused(503, "part-down", "the database"),
      hangUp,
      session({
        phase: "running",
        stages: [accepted, placed, { name: "jupyter-answers", at }],
        startedAt: at,
      }),
    ];
    portal.answers.getSession = () => life.shift();
    const { exitCode, out, err } = await cli.run("start", "nexus", "--wait", "--json");
    assert.equal(exitCode, 0, err);
    assert.equal(JSON.parse(out).phase, "running");
    assert.deepEqual(
      err
        .trim()
        .split("\n")
        .map((line) => line.trim()),
      [
        `${id} is starting`,
        "accepted",
        "placed",
        "the portal does not answer; the session goes on, waiting for it",
        "the portal answers again",
        "jupyter answers",
      ],
    );
  }));

test("--wait ends with 1 and the cause when the session fails", () =>
  atPortal({ startSession: () => session() }, async (cli, portal) => {
    const cause = {
      code: "start-timeout",
      title: "It did not start",
      detail: "after 600 s",
      next: "Start it again.",
    };
    portal.answers.getSession = () => session({ phase: "failed", reason: "start-timeout", cause });
    const { exitCode, out, err } = await cli.run("start", "nexus", "--wait");
    assert.deepEqual([exitCode, out], [1, ""]);
    assert.match(err, /✖ start-timeout: It did not start: after 600 s\n {2}Start it again\./);
  }));

test("Ctrl-C while waiting leaves the session running and says so", () =>
  atPortal(
    { startSession: () => session(), getSession: () => session({ phase: "starting" }) },
    async (cli, portal) => {
      const { child, ended, err } = cli.start(["start", "nexus", "--wait"]);
      for (let n = 0; n < 300 && !err().includes("accepted"); n += 1) await sleep(100);
      await sleep(200);
      child.kill("SIGINT");
      const { exitCode } = await ended;
      assert.equal(exitCode, 1);
      assert.match(err(), new RegExp(`interrupted: you broke off waiting; the session ${id} goes on`));
      assert.match(err(), new RegExp(`endstation stop ${id}`));
      assert.ok(portal.asked.every(({ name }) => name !== "stopSession"));
    },
  ));

test("stop --wait follows it to its end", () =>
  atPortal({ stopSession: () => session({ phase: "stopping" }) }, async (cli, portal) => {
    const life = [session({ phase: "stopping" }), session({ phase: "stopped", reason: "user", endedAt: at })];
    portal.answers.getSession = () => life.shift();
    const { exitCode, out } = await cli.run("stop", id, "--wait");
    assert.deepEqual([exitCode, out], [0, `${id} has stopped.\n`]);
    assert.deepEqual((await cli.run("stop", id)).out, `${id} is stopping.\n`);
  }));

test("open prints the portal's page, without a secret; an ended session has none", () =>
  atPortal({ getSession: () => session({ phase: "running" }) }, async (cli, portal) => {
    const { exitCode, out } = await cli.run("open", id, "--print");
    assert.deepEqual([exitCode, out], [0, `${portal.url}/sessions/${id}/open\n`]);
    portal.answers.getSession = () => session({ phase: "stopped", reason: "idle" });
    const ended = await cli.run("open", id);
    assert.equal(ended.exitCode, 1);
    assert.match(ended.err, /session-ended: the session has ended \(idle\)/);
  }));

test("share, unshare, shares, rename, extend and logs do what they say", () =>
  atPortal(
    {
      share: () => ({ account: "other", name: "O", as: "member", until: null, by: "pi", at, link: null }),
      unshare: () => undefined,
      listShares: () =>
        page({ account: "other", name: "O", as: "viewer" as const, until: null, by: "pi", at, link: null }),
      renameSession: () => session({ name: "New" }),
      extendSession: () => session(),
      getSessionLog: () => ({ text: "one\n\u001b[31mtwo\u001b[0m\u001b]0;title\u0007\r\nthree\n" }),
    },
    async (cli, portal) => {
      const shared = await cli.run("share", id, "other", "--as", "member");
      assert.match(shared.out, /other may enter as member\./);
      assert.match(shared.err, /read your home/);
      assert.match((await cli.run("shares", id)).out, /other +viewer/);
      assert.match((await cli.run("unshare", id, "other")).out, /not enter any more/);
      assert.match((await cli.run("rename", id, "New")).out, /name +New/);
      assert.equal((await cli.run("extend", id, "8")).exitCode, 0);
      assert.equal((await cli.run("logs", id)).out, "one\ntwo\nthree\n");
      assert.deepEqual(
        portal.asked.map(({ name }) => name),
        ["share", "listShares", "unshare", "renameSession", "extendSession", "getSessionLog"],
      );
      assert.deepEqual(portal.asked[4]?.input, { id, body: { hours: 8 } });
    },
  ));

const viewer = { account: "other", name: "O", as: "viewer", until: null, by: "pi", at, link: "l1" } as const;
const link = { id: "l1", as: "viewer", until: at, mostUses: 3, uses: [], by: "pi", at } as const;
const request = {
  ...{ id: "r1", session: { id, name: "S" }, owner: "pi", account: "other", name: "O", as: "viewer" },
  ...{ reason: "to see", state: "open", at, until: at, answeredAt: null },
} as const;
const entry = { id: "1", at, action: "entered", account: "other", whom: null, role: "viewer" } as const;

test("R82 R83 R84 links, requests, who is here, the record and the keyboard, from the command line", () =>
  atPortal(
    {
      makeLink: () => ({ ...link, url: "https://portal.example.org/join#secret" }),
      listLinks: () => page({ ...link, uses: [{ account: "other", name: "O", at }] }),
      revokeLink: () => undefined,
      askToJoin: () => request,
      listRequests: () => page(request),
      answerRequest: () => ({ ...request, state: "accepted", answeredAt: at }),
      withdrawRequest: () => undefined,
      handOver: ({ input }) => ({ ...viewer, as: (input["body"] as { as: string }).as }),
      listPresent: () => page({ account: "other", name: "O", role: "viewer" as const, since: at }),
      listAudit: () => page({ ...entry, until: null, way: "link l1", reason: null }),
    },
    async (cli, portal) => {
      const cases: readonly (readonly [readonly string[], RegExp])[] = [
        [["link", id, "--as", "viewer", "--hours", "8", "--most", "3"], /^https:\/\/\S+#secret\n$/],
        [["links", id], /l1 +viewer .* 1 of 3 +other/],
        [["unlink", id, "l1", "--shares"], /Nobody comes by link l1/],
        [["ask", id, "--as", "viewer", "--reason", "to see"], /Asked as request r1/],
        [["requests"], /r1 +s-\S+ +other +viewer +open +to see/],
        [["answer", "r1", "yes", "--as", "member"], /other may enter/],
        [["withdraw", "r1"], /r1 is withdrawn/],
        [["hand-over", id, "other"], /other has the keyboard/],
        [["take-back", id, "other"], /other may only look now/],
        [["here", id], /other +viewer/],
        [["audit", id], /other +entered +viewer +link l1/],
      ];
      for (const [words, out] of cases) {
        const ran = await cli.run(...words);
        assert.equal(ran.exitCode, 0, ran.err);
        assert.match(ran.out, out, words.join(" "));
      }
      assert.deepEqual(
        [portal.asked[0]?.input["body"], portal.asked[2]?.input, portal.asked[5]?.input["body"]],
        [
          { as: "viewer", hours: 8, mostUses: 3 },
          { id, link: "l1", shares: true },
          { answer: "yes", as: "member" },
        ],
      );
      for (const words of [
        ["link", id, "--as", "king"],
        ["link", id, "--as", "viewer", "--most", "many"],
        ["answer", "r1", "perhaps"],
        ["ask", id, "--as", "king"],
      ])
        assert.equal((await cli.run(...words)).exitCode, 2, words.join(" "));
    },
  ));

test("names of others cannot command the terminal", () =>
  atPortal(
    { listSessions: () => page(session({ name: "\u001b]0;owned\u0007\u001b[2Jharmless\u009b5A\u202e" })) },
    async (cli) => {
      const { out } = await cli.run("list");
      assert.match(out, /harmless/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
      assert.doesNotMatch(out, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
      assert.doesNotMatch((await cli.run("list", "--json")).out, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    },
  ));

test("a reader that has had enough is no error", () =>
  atPortal({ listSessions: () => page(...Array.from({ length: 200 }, () => session())) }, async (cli) => {
    const { child, ended } = cli.start(["list", "--json"]);
    child.stdout?.once("data", () => child.stdout?.destroy());
    const { exitCode, err } = await ended;
    assert.deepEqual([exitCode, err], [0, ""]);
  }));

test("help and version are answers, on stdout", async () => {
  const cli = new Cli();
  const help = await cli.runProcess("--help");
  assert.deepEqual([help.exitCode, help.err], [0, ""]);
  for (const name of ["login", "datasets", "start", "open", "token", "doctor"])
    assert.match(help.out, new RegExp(name));
  for (const line of help.out.split("\n")) assert.ok(line.length <= 80, line);
  assert.match((await cli.runProcess("--version")).out, /^\d+\.\d+\.\d+\n$/);
  assert.match((await cli.run("start", "--help")).out, /--dataset <id>/);
  cli.end();
});

test("addresses of portals", () => {
  for (const [typed, meant] of [
    ["portal.example.org", "https://portal.example.org"],
    ["https://portal.example.org/some/page?x#y", "https://portal.example.org"],
    ["localhost:8080", "http://localhost:8080"],
    ["http://127.0.0.1:8080/", "http://127.0.0.1:8080"],
    ["http://[::1]:8080", "http://[::1]:8080"],
  ] as const)
    assert.equal(portalAddress(typed), meant);
  for (const typed of [
    "http://portal.example.org",
    "https://a:b@portal.example.org",
    "https://",
    "javascript:x",
    "a b",
  ])
    assert.throws(() => portalAddress(typed), typed);
});

test("R47 an administrator sees where sessions run, drains a provider and lets it take sessions again", () => {
  const local = {
    name: "local",
    configured: true,
    kinds: ["jupyter"],
    isolation: "sandbox",
    outageSince: null,
    liveSessions: 3,
  };
  const answers = {
    listProviders: () => page({ ...local, drained: null }),
    drainProvider: () => ({ ...local, drained: { by: "operator", at } }),
    resumeProvider: () => ({ ...local, drained: null }),
  };
  return atPortal(answers, async (cli, portal) => {
    assert.match((await cli.run("providers", "list")).out, /local +3 +sandbox +takes sessions/);
    assert.match((await cli.run("providers", "drain", "local")).out, /takes no new sessions\. 3 live/);
    assert.match((await cli.run("providers", "resume", "local")).out, /takes new sessions again/);
    assert.deepEqual(
      portal.asked.map(({ name }) => name),
      ["listProviders", "drainProvider", "resumeProvider"],
    );
  });
});
