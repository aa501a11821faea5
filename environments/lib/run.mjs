import { spawn } from "node:child_process";

/** Variables that would make a Python see packages or settings other than its own. */
const MISLEADING = [
  "PYTHONPATH",
  "PYTHONHOME",
  "PYTHONSTARTUP",
  "PYTHONDONTWRITEBYTECODE",
  "VIRTUAL_ENV",
  "CONDA_PREFIX",
];

/** The environment of a child process: ours, without what misleads Python, with a home that exists. */
export function childEnvironment(home, extra = {}) {
  const environment = { ...process.env, ...extra };
  for (const name of MISLEADING) delete environment[name];
  if (!environment.HOME) environment.HOME = home;
  return environment;
}

/** Runs a program to its end. Never throws: gives its exit code and what it wrote. */
export function run(program, programArguments, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, programArguments, { stdio: ["ignore", "pipe", "pipe"], ...options });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("error", (error) => resolve({ code: 127, stdout, stderr: String(error) }));
    child.on("close", (code) => resolve({ code: code ?? 137, stdout, stderr }));
  });
}

/** The last lines of what a program wrote, for an error message. */
export function tail(text, lines = 12) {
  return text.trim().split("\n").slice(-lines).join("\n");
}
