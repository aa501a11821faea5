import type { Credentials } from "./credentials.ts";
import { chosenPortal, type Portal, portalWithToken } from "./portal.ts";
import { json, type Terminal } from "./terminal.ts";

/** What every command takes. */
export interface GlobalOptions {
  readonly portal?: string;
  readonly json?: boolean;
}

/** Everything a command needs of its surroundings. */
export interface Context {
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  readonly credentials: Credentials;
  /** Raised by Ctrl-C. */
  readonly interrupted: AbortSignal;
  pause(ms: number): Promise<void>;
}

export function portalOf(context: Context, options: GlobalOptions): Portal {
  const url = chosenPortal(options.portal, context.environment, context.credentials);
  return portalWithToken(url, context.environment, context.credentials);
}

/** Writes an answer: as JSON where that was asked for, else as the text that is made of it. */
export function show<Answer>(
  { terminal }: Context,
  options: GlobalOptions,
  answer: Answer,
  text: (answer: Answer) => string,
): void {
  terminal.out(options.json === true ? json(answer) : text(answer));
}
