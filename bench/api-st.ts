import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createClient } from "@endstation/api";
import { type Bench, quantile, rounded } from "./bench.ts";

const startsAtOnce = 500;
import { execSync } from "node:child_process";
let portalPid = 0;
function cpus(): Record<string, number> { const out: Record<string, number> = { pg: 0, portal: 0, self: 0 };
  for (const l of execSync("cat /proc/[0-9]*/stat 2>/dev/null || true").toString().split("\n")) { if (!l) continue; const pid = Number(l.split(" ")[0]); const m = l.slice(l.lastIndexOf(")") + 2).split(" "); const t = (Number(m[11]) + Number(m[12])) * 10; if (l.includes("(postgres)") && postmaster(Number(m[1]))) out.pg += t; if (pid === portalPid) out.portal += t; if (pid === process.pid) out.self += t; } 
  const mem = execSync("uptime").toString(); console.log(mem.trim()); return out; }
function postmaster(p: number): boolean { try { return Number(execSync(`cut -d' ' -f4 /proc/${p}/stat`).toString()) === portalPid; } catch { return false; } }


/** 500 starts at once on a provider that starts nothing; lists of 10,000 sessions for 50 people once a second. */
export const apiBench: Bench = {
  prepare: async () => {},
  run: async ({ quick }) => {
    const portal = await startNoopPortal();
    try {
      const lists = await readLists(portal, 3);
      const b = cpus(); const starts = await startMany(portal); const e = cpus(); console.log("cpu ms", Object.fromEntries(Object.keys(e).map((k) => [k, e[k] - (b[k] ?? 0)])));
      return {
        figures: {
          "starts per second": rounded(starts.perSecond, 1),
          "starts refused": starts.refused,
          "seconds until the last of 500 runs": rounded(starts.seconds),
          "list, p50 ms": rounded(quantile(lists, 0.5), 1),
          "list, p99 ms": rounded(quantile(lists, 0.99), 1),
          "lists asked": lists.length,
        },
        goals: {
          "starts per second": { atLeast: 200 },
          "starts refused": { atMost: 0 },
          "list, p99 ms": { atMost: 50 },
        },
        notes: ["portal, PostgreSQL and the load share this machine; the portal is a process of its own"],
      };
    } finally {
      await portal.end();
    }
  },
};

interface NoopPortal {
  readonly url: string;
  readonly tokens: readonly string[];
  /** Resolves when so many sessions run. */
  running(wanted: number): Promise<void>;
  end(): Promise<void>;
}

async function startNoopPortal(): Promise<NoopPortal> {
  const words = ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "noop-portal.ts")];
  const child = spawn(process.execPath, words, { stdio: ["pipe", "pipe", "inherit"] });
  portalPid = child.pid as number; const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error("the portal of the bench ended");
    return value as string;
  };
  const { url, tokens } = JSON.parse(await line()) as { url: string; tokens: string[] };
  const running = async (wanted: number) => {
    child.stdin.write(`${wanted}\n`);
    await line();
  };
  const end = async () => {
    child.stdin.end();
    await exited;
  };
  return { url, tokens, running, end };
}

/** Milliseconds of each answer: every person asks once a second, spread over it. */
async function readLists({ url, tokens }: NoopPortal, seconds: number): Promise<number[]> {
  const taken: number[] = [];
  const ask = async (token: string) => {
    const since = performance.now();
    const page = await createClient({ url, token })("listSessions", { limit: 50 });
    taken.push(performance.now() - since);
    if (page.items.length !== 50 || page.next === null) throw new Error("the list is not what it should be");
  };
  await Promise.all(tokens.map(ask));
  taken.length = 0;
  const readers = tokens.map(async (token, index) => {
    await pause((index / tokens.length) * 1000);
    for (let turn = 0; turn < seconds; turn += 1) {
      const since = performance.now();
      await ask(token);
      await pause(1000 - (performance.now() - since));
    }
  });
  await Promise.all(readers);
  return taken;
}

async function startMany({ url, tokens, running }: NoopPortal) {
  const since = performance.now();
  const asked = Array.from({ length: startsAtOnce }, async (_, index) => {
    const call = createClient({ url, token: tokens[index % tokens.length] as string });
    return call("startSession", { body: { environment: "nexus" } }).then(
      () => true,
      () => false,
    );
  });
  const refused = (await Promise.all(asked)).filter((isTaken) => !isTaken).length;
  await running(startsAtOnce - refused);
  const seconds = (performance.now() - since) / 1000;
  return { seconds, refused, perSecond: (startsAtOnce - refused) / seconds };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, milliseconds)));
}
