/** The state folder where neither an option nor the environment names one: root's, or the user's. */
export function defaultStateFolder(environment?: NodeJS.ProcessEnv): string;

/** The state folder: `--state` over ENDSTATION_STATE over the default. Absolute. */
export function stateFolderOf(choice: {
  option?: string | undefined;
  environment?: NodeJS.ProcessEnv;
}): string;

/** Where Node, the Python environments and PostgreSQL's programs are kept: ENDSTATION_SOFTWARE, or below the default state folder, so that state folders share it. Absolute. */
export function softwareFolderOf(environment?: NodeJS.ProcessEnv): string;
