import { quote } from "../../../transports/ssh.ts";

/** What a job's script is made of; all paths as the node sees them. */
export interface ScriptParts {
  readonly folder: string;
  /** Loaded before anything else; null: none. */
  readonly module: string | null;
  /** Files and folders without which it cannot begin. */
  readonly needs: readonly string[];
  /** Programs without which it cannot begin. */
  readonly programs: readonly string[];
  /** Whether the same job may begin once more, after a slurmctld was killed that had not written down that it ran. */
  readonly mayRepeat: boolean;
  readonly command: readonly string[];
}

/**
 * The text of a job. Whatever comes from people is one quoted word behind the first command, where Slurm looks for no
 * more `#SBATCH`. It holds no secret: the ticket to the portal is read from a file of the session's folder.
 */
export function jobScript({ folder, module, needs, programs, mayRepeat, command }: ScriptParts): string {
  return `#!/bin/bash${module === null ? "" : " -l"}
umask 077
cd -- ${quote([folder])} || exit 1
restart=\${SLURM_RESTART_COUNT:-0}
end() { printf '%s %s\\n' "$1" "\${*:2}" >"exit.$restart"; [ $# -eq 1 ] || echo "\${*:3}"; exit "$1"; }
lacks() { end 1 launch-rejected "$1 is not there on $(hostname)"; }
[ ! -e ended ] || exit 0
if ! (set -C; echo "$SLURM_JOB_ID" >"started.$restart") 2>/dev/null; then
  # Of two jobs for one start, which a portal may leave that lost an answer, the first runs and the other ends here.
  [ "$(cat "started.$restart")" = "$SLURM_JOB_ID" ] || exit 0
${mayRepeat ? "" : '  end 1 killed "slurmctld was restarted and had forgotten that it ran"\n'}fi
${module === null ? "" : `module load ${quote([module])} || lacks ${quote([`the module ${module}`])}\n`}${each(needs, '[ -e "$one" ]')}${each(programs, 'command -v "$one" >/dev/null')}${quote(command)}
end "$?"
`;
}

function each(words: readonly string[], test: string): string {
  return `for one in ${quote(words)}; do ${test} || lacks "$one"; done\n`;
}
