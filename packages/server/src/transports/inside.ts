import type { LaunchSpec, PosixAccount } from "@endstation/core";

/** What is the same in every session, wherever it runs. */

/** Its home, and where its programs keep what is of the moment. */
export const home = "/home/user";
export const runtime = "/tmp/.runtime";

/** Where its folders are, if they are not at the usual places. */
interface Places {
  readonly home: string;
  readonly runtime: string;
}

/** Its environment variables, but where its programs are. */
export function variablesInside(
  { sessionId, flavour }: Pick<LaunchSpec, "sessionId" | "flavour">,
  places: Places = { home, runtime },
): Record<string, string> {
  const threads = String(Math.max(1, Math.ceil(flavour.cpus)));
  return {
    HOME: places.home,
    USER: "user",
    LOGNAME: "user",
    SHELL: "/bin/bash",
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
    XDG_RUNTIME_DIR: places.runtime,
    JUPYTER_RUNTIME_DIR: `${places.runtime}/jupyter`,
    HDF5_USE_FILE_LOCKING: "BEST_EFFORT",
    ENDSTATION_SESSION: sessionId,
    // Libraries count the machine's processors, not the session's.
    OMP_NUM_THREADS: threads,
    OPENBLAS_NUM_THREADS: threads,
    MKL_NUM_THREADS: threads,
    NUMEXPR_MAX_THREADS: threads,
  };
}

/** Its own `passwd` and `group`: nobody else's account is in them. */
export function accountsInside({ uid, gid, groups }: PosixAccount, owner: string) {
  const name = owner.replaceAll(/[:\n\r,]/g, " ");
  const others = groups.filter((id) => id !== gid).map((id) => `group-${id}:x:${id}:user\n`);
  return {
    passwd: `user:x:${uid}:${gid}:${name}:${home}:/bin/bash\nnobody:x:65534:65534::/:/usr/sbin/nologin\n`,
    group: `user:x:${gid}:\nnogroup:x:65534:\n${others.join("")}`,
  };
}
