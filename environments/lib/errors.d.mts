export type BuildErrorCode =
  | "python-missing"
  | "python-too-old"
  | "python-venv-missing"
  | "packages-unavailable"
  | "environment-unknown"
  | "build-failed";

export class BuildError extends Error {
  constructor(code: BuildErrorCode, message: string, details?: Record<string, unknown>);
  readonly code: BuildErrorCode;
  /** Debian packages that would put it right, where that is so. */
  readonly needs?: string[];
  /** The Pythons that were seen and were too old. */
  readonly found?: { path: string; version: string }[];
}
