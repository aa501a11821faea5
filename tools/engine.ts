import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** `npm run engine -- NAME VERB`: real compute engines on this machine, for tests and trials; see docs/engines.md. */
const everyday = ["docker", "slurm", "kubernetes"];
const engines = [...everyday, "docker-remapped", "keycloak", "registry"];
const verbs = ["up", "down", "status", "restart", "revive", "kill", "wipe"];

const usage = `npm run engine -- NAME VERB

  NAME   ${engines.join(", ")},
         or all: ${everyday.join(", ")}; of what goes down or is wiped, everything

  up            installs and builds what is missing, and starts it
  status        what is up, its version and its address; ends with 1 where something is not
  restart       ends and starts its daemons; what people run there goes on
  down          ends it and what people run there; programs and images stay
  wipe          down, and removes everything of it
  kill PART     ends one daemon at once, as a crash would
  revive        starts what is dead, and only that`;

function main([name = "", verb = "", ...parts]: readonly string[]): number {
  const chosen = name === "all" ? (["down", "wipe"].includes(verb) ? engines : everyday) : [name];
  const known = chosen.every((one) => engines.includes(one)) && verbs.includes(verb);
  if (!known || parts.length !== (verb === "kill" ? 1 : 0) || (verb === "kill" && name === "all")) {
    console.error(usage);
    return 2;
  }
  return verb === "status" ? status(chosen) : Math.max(...chosen.map((one) => run(one, verb, parts)));
}

function run(name: string, verb: string, parts: readonly string[]): number {
  const { status, error } = spawnSync(script(name), [verb, ...parts], { stdio: "inherit" });
  if (error !== undefined) console.error(`${name}: ${error.message}`);
  return status ?? 1;
}

function status(names: readonly string[]): number {
  const asked = names.map((name) => spawnSync(script(name), ["status"], { encoding: "utf8" }));
  const rows = asked.map(({ stdout }) => stdout.trim().split("\t"));
  const table = [["engine", "state", "version", "address"], ...rows];
  for (const row of table)
    console.log(
      row
        .map((cell, at) => cell.padEnd(width(table, at)))
        .join("  ")
        .trimEnd(),
    );
  return asked.every((one) => one.status === 0) ? 0 : 1;
}

const script = (name: string) => join(import.meta.dirname, "engines", `${name}.sh`);

const width = (table: readonly string[][], at: number) =>
  Math.max(...table.map((row) => row[at]?.length ?? 0));

process.exitCode = main(process.argv.slice(2));
