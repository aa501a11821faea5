/** The command was given wrongly: exit code 2. */
export class WrongUse extends Error {
  override readonly name = "WrongUse";
}
