import { Rejected, Unavailable } from "@endstation/core";

/** No such job: Slurm never had it, or has forgotten it (slurm/slurm_errno.h). */
export const noSuchJob = 2017;

/**
 * Slurm's errors by number (slurm/slurm_errno.h): from 2000 slurmctld has read what was asked and says no, from 9000
 * slurmrestd could not read it. Below 2000, and from 3000, it is the way to slurmctld, a node, or a log-in that failed.
 */
const saysNo = (code: number): boolean => (code >= 2000 && code < 3000) || (code >= 9000 && code < 10_000);
/** Noes that pass: "try again", a full disk, a controller that stands by, submissions shut, a reboot. */
const passes = new Set([2007, 2016, 2019, 2020, 2027, 2105, 2120, 2125, 2131]);

/** What an answer with an error means, by its number. */
export function faultOf(what: string, code: number, said: string): Rejected | Unavailable {
  const words = `${what}: ${said || "no reason is given"} (Slurm: ${code})`;
  return saysNo(code) && !passes.has(code) ? new Rejected("launch-rejected", words) : new Unavailable(words);
}

/** The same from the words of Slurm's commands, which do not tell the number: nothing was decided. */
const undecided =
  /unable to contact|connect|timed? ?out|zero bytes|transport endpoint|communication|temporarily|try again|authentication|standby|unexpected message|unreachable|munge|i\/o error writing|disabled|rate limit|name or service/i;

/** What a command that failed means, by its words. */
export function faultOfCommand(what: string, said: string): Rejected | Unavailable {
  const lines = said.split("\n").map((line) => line.replace(/^\w+: (error: )?/, ""));
  const words = `${what}: ${lines.filter((line) => line !== "").join("; ") || "no reason is given"}`;
  const isNo = /submission failed/i.test(said) && !undecided.test(said);
  return isNo ? new Rejected("launch-rejected", words) : new Unavailable(words);
}
