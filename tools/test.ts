import { existsSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { run } from "node:test";
import { filesBelow } from "./house/source.ts";

/**
 * `npm test [suite…]`: every test of the house, or the named suites (`-- --full`: with all rounds); says what failed and what was skipped and why,
 * and closes with `N passed, N failed, N skipped`.
 */
const root = join(import.meta.dirname, "..");

interface Suite {
  readonly folders: readonly string[];
  readonly only?: RegExp;
  readonly except?: RegExp;
  /** How many files run at once: suites that start browsers or whole servers run one at a time. */
  readonly concurrency: number;
}

const suites: Readonly<Record<string, Suite>> = {
  house: { folders: ["tools"], concurrency: 2 },
  core: { folders: ["packages/core", "packages/api"], concurrency: 2 },
  setup: {
    folders: ["bootstrap", "packages/server/src/config", "packages/server/src/setup"],
    concurrency: 1,
  },
  server: {
    folders: ["packages/server", "extensions"],
    except: /(faults|hostile-files)\.test\.ts$|\/(config|setup)\/|\/compute\/(docker|slurm|kubernetes)\//,
    concurrency: 2,
  },
  environments: { folders: ["environments", "demo"], concurrency: 1 },
  cli: { folders: ["packages/cli"], concurrency: 2 },
  web: { folders: ["packages/web"], concurrency: 1 },
  journeys: {
    folders: ["e2e"],
    except: /(faults|engines|chart)\.test\.ts$|\/(attacks|fuzz)\//,
    concurrency: 2,
  },
  attacks: { folders: ["e2e/attacks"], concurrency: 1 },
  fuzz: { folders: ["e2e/fuzz"], concurrency: 1 },
  docker: engineSuite("docker"),
  slurm: engineSuite("slurm"),
  kubernetes: engineSuite("kubernetes"),
  engines: { folders: ["e2e"], only: /(engines|chart)\.test\.ts$/, concurrency: 1 },
  "hostile-files": {
    folders: ["packages/server/src/hdf5"],
    only: /hostile-files\.test\.ts$/,
    concurrency: 1,
  },
  faults: {
    folders: ["packages/server", "e2e"],
    only: /faults\.test\.ts$/,
    except: /\/compute\/(docker|slurm|kubernetes)\//,
    concurrency: 1,
  },
  "engine-faults": {
    folders: ["packages/server/src/adapters/compute"],
    only: /(docker|slurm|kubernetes)\.faults\.test\.ts$/,
    concurrency: 1,
  },
};

/** An adapter against its real engine, with nothing else of ours at the same time. */
function engineSuite(name: string): Suite {
  return {
    folders: [`packages/server/src/adapters/compute/${name}`],
    except: /faults\.test\.ts$/,
    concurrency: 1,
  };
}

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

/** `--full`: as long as the issue of a release asks for, not as short as every change can bear. */
if (process.argv.includes("--full"))
  for (const [name, value] of Object.entries({
    ENDSTATION_FULL: "1",
    FAULTS_ROUNDS: "100",
    FAULTS_STARTS: "300",
    ENDSTATION_CRASHES: "40",
    FAULTS_CUTS: "50",
  }))
    process.env[name] ??= value;

const named = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const unknown = named.filter((name) => !(name in suites));
if (unknown.length > 0) {
  console.error(`There is no suite ${unknown.join(", ")}; there are ${Object.keys(suites).join(", ")}.`);
  process.exit(2);
}

const total: Count = { passed: 0, failed: 0, skipped: 0 };
const skips: string[] = [];
const failures: string[] = [];
const failedSuites: string[] = [];
/** Only when they are named: they kill the engines that others may be using. */
const onlyNamed = ["engine-faults"];
const usual = Object.keys(suites).filter((name) => !onlyNamed.includes(name));
for (const name of named.length > 0 ? named : usual) await runSuite(name, suites[name] as Suite);
report();

async function runSuite(name: string, suite: Suite): Promise<void> {
  const files = filesOf(suite);
  if (files.length === 0) return;
  const before = { ...total };
  const start = performance.now();
  console.log(`\n── ${name} (${files.length} files)`);
  const stream = run({
    files: files.map((file) => join(root, file)),
    concurrency: suite.concurrency,
    timeout: 900_000,
    // A file that is through with its tests ends, whatever a failed one left open.
    execArgv: ["--disable-warning=ExperimentalWarning", "--test-force-exit"],
  });
  const failedBefore = total.failed;
  for await (const { type, data } of stream) {
    if (type === "test:stdout" || type === "test:stderr") passOn(type, data.message);
    if (type === "test:pass" || type === "test:fail") count(type, data);
  }
  if (total.failed > failedBefore) failedSuites.push(name);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `   ${total.passed - before.passed} passed, ${total.failed - before.failed} failed, ${total.skipped - before.skipped} skipped in ${seconds} s`,
  );
}

function filesOf({ folders, only = /./, except = /^$/ }: Suite): string[] {
  const found = folders.flatMap((folder) => filesBelow(root, folder, [".test.ts"]));
  return [...new Set(found)].filter(
    (path) => only.test(path) && !except.test(path) && existsSync(join(root, path)),
  );
}

type Outcome = {
  name: string;
  file?: string;
  nesting: number;
  skip?: string | boolean;
  todo?: string | boolean;
  details: { type?: string | undefined; error?: Error };
};

function count(type: "test:pass" | "test:fail", data: Outcome): void {
  if (data.details.type === "suite" || data.name === data.file) return;
  const where = data.file === undefined ? "" : ` (${relative(root, data.file)})`;
  if (data.skip !== undefined && data.skip !== false) {
    total.skipped += 1;
    skips.push(
      `${data.name}${where}: ${typeof data.skip === "string" && data.skip !== "" ? data.skip : "NO REASON GIVEN"}`,
    );
  } else if (type === "test:pass") {
    total.passed += 1;
  } else {
    total.failed += 1;
    const cause = data.details.error?.cause ?? data.details.error;
    failures.push(
      `${data.name}${where}\n${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`,
    );
    console.log(`   ✖ ${data.name}${where}`);
  }
}

/** Output of tests is kept short: what a test prints on purpose starts at the line's beginning with a letter. */
function passOn(type: string, message: string): void {
  if (process.env["ENDSTATION_TEST_VERBOSE"] !== undefined)
    (type === "test:stdout" ? process.stdout : process.stderr).write(message);
  else if (type === "test:stdout")
    for (const line of message.split("\n"))
      if (/^(walk of|bench |figure:)/.test(line)) console.log(`   ${line}`);
}

function report(): void {
  for (const failure of failures) console.log(`\n✖ ${failure}`);
  if (skips.length > 0) console.log(`\nSkipped:\n${skips.map((skip) => `  ${skip}`).join("\n")}`);
  const withoutReason = skips.filter((skip) => skip.endsWith("NO REASON GIVEN")).length;
  if (withoutReason > 0) console.log(`\n${withoutReason} skipped without a reason: that counts as failed.`);
  console.log(
    `\n${total.passed} passed, ${total.failed + withoutReason} failed, ${total.skipped - withoutReason} skipped`,
  );
  const note = process.env["ENDSTATION_FAILED_SUITES"];
  if (note !== undefined && note !== "") writeFileSync(note, failedSuites.join(" "));
  process.exitCode = total.failed + withoutReason > 0 || total.passed === 0 ? 1 : 0;
}
