/** An expected "no": a code from docs/errors.md, what was being done, and what the person can do next. */
export class SetupFault extends Error {
  constructor(code, detail, next) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.detail = detail;
    this.next = next;
  }
}

/** The fault behind an error of the file system, where it is one that a person can mend. */
export function fileFault(error, path) {
  const words = error instanceof Error ? error.message : String(error);
  if (/ENOSPC|no space left/i.test(words)) {
    return new SetupFault(
      "disk-full",
      `${path} could not be written: ${words}`,
      "Free some space and start again.",
    );
  }
  if (!/EACCES|EPERM|EROFS|ENOTDIR|permission denied/i.test(words)) return error;
  const next = "Correct the owner of that folder, or name another one in the variable ENDSTATION_SOFTWARE.";
  return new SetupFault("state-unwritable", `${path} could not be written: ${words}`, next);
}
