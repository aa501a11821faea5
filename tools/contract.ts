import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "node:test";

/**
 * `npm run contract -- PROVIDER`: the provider contract suite against the real engine on this machine. Prints each
 * promise, says why one was skipped, and closes with `N passed, N failed, N skipped`.
 */
const adapters = join(import.meta.dirname, "../packages/server/src/adapters/compute");
const there = readdirSync(adapters).filter((name) => existsSync(join(adapters, name, "contract.test.ts")));
const [provider, ...rest] = process.argv.slice(2);

if (provider === undefined || rest.length > 0 || !there.includes(provider)) {
  console.error(`npm run contract -- PROVIDER, where PROVIDER is one of: ${there.join(", ")}`);
  process.exit(2);
}

const count = { passed: 0, failed: 0, skipped: 0 };
const stream = run({
  files: [join(adapters, provider, "contract.test.ts")],
  timeout: 900_000,
  execArgv: ["--disable-warning=ExperimentalWarning"],
});
for await (const { type, data } of stream) {
  if (type === "test:stderr") process.stderr.write(data.message);
  if (type === "test:pass" || type === "test:fail") report(type === "test:pass", data);
}
console.log(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exitCode = count.failed > 0 || count.passed === 0 ? 1 : 0;

interface Outcome {
  readonly name: string;
  readonly file?: string;
  readonly skip?: string | boolean;
  readonly details: { readonly type?: string | undefined; readonly error?: Error & { failureType?: string } };
}

function report(passed: boolean, { name, file, skip, details }: Outcome): void {
  const suite = details.type === "suite";
  if (name === file || (suite && details.error?.failureType === "subtestsFailed")) return;
  if (typeof skip === "string") {
    count.skipped += 1;
    console.log(`﹣ ${name}: ${skip}`);
  } else if (!passed) {
    count.failed += 1;
    const cause = details.error?.cause ?? details.error;
    console.log(`✖ ${name}\n    ${cause instanceof Error ? cause.stack : String(cause)}`);
  } else if (suite) console.log(`  (${name})\n`);
  else {
    count.passed += 1;
    console.log(`✔ ${name}`);
  }
}
