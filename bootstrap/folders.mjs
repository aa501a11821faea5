import { userInfo } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/** Where state is kept when nobody says otherwise. */
export function defaultStateFolder(environment = process.env) {
  if (process.getuid?.() === 0) return "/var/lib/endstation";
  return join(homeFolder(environment), ".local", "state", "endstation");
}

export function stateFolderOf({ option, environment = process.env }) {
  const named = option || environment.ENDSTATION_STATE;
  return named ? resolve(named) : defaultStateFolder(environment);
}

export function softwareFolderOf(environment = process.env) {
  const named = environment.ENDSTATION_SOFTWARE;
  return named ? resolve(named) : join(defaultStateFolder(environment), "software");
}

/** HOME may be empty or missing, as it is in a service or a container: then what the system's list of users says. */
function homeFolder(environment) {
  if (environment.HOME && isAbsolute(environment.HOME)) return environment.HOME;
  try {
    const { homedir } = userInfo();
    if (isAbsolute(homedir)) return homedir;
  } catch {
    // A user id without a name.
  }
  return join("/var/tmp", `endstation-${process.getuid?.() ?? "user"}`);
}
