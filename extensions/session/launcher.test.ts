import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

test("R21 R32 the launcher's own tests pass, with the standard library alone", async () => {
  const search = ["discover", "-s", "tests", "-t", "."];
  await promisify(execFile)("python3", ["-B", "-m", "unittest", ...search], { cwd: import.meta.dirname });
});
