/** What went wrong while making an environment: a stable code, a sentence for a person, and details. */
export class BuildError extends Error {
  /**
   * @param {import('./errors.mjs').BuildErrorCode} code
   * @param {string} message
   * @param {Record<string, unknown>} [details]
   */
  constructor(code, message, details = {}) {
    super(message);
    this.name = "BuildError";
    this.code = code;
    Object.assign(this, details);
  }
}
