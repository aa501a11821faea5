/** What an operator's command was given, and where it answers. */
export interface Operator {
  /** Words that are no options. */
  readonly words: readonly string[];
  readonly options: OperatorOptions;
  readonly env: NodeJS.ProcessEnv;
  /** Writes a line on stdout. */
  out(text: string): void;
}

export interface OperatorOptions {
  readonly state?: string;
  readonly config?: string;
  readonly scope: readonly string[];
  readonly days?: string;
  readonly json: boolean;
}

/** Answers with the exit code. */
export type OperatorCommand = (operator: Operator) => Promise<number>;

/** As JSON where that was asked for, else in words. */
export function answer({ options, out }: Operator, value: unknown, words: string): void {
  out(options.json ? JSON.stringify(value, null, 2) : words);
}

/** The options that say which portal is meant, as the portal itself takes them. */
export function portalWords({ state, config }: Pick<OperatorOptions, "state" | "config">): string[] {
  return [
    ...(state === undefined ? [] : ["--state", state]),
    ...(config === undefined ? [] : ["--config", config]),
  ];
}
