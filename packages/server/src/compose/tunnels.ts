import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import type { Config } from "../config/index.ts";
import type { Database } from "../store/database.ts";
import { runFolderOf } from "../store/embedded/socket-folder.ts";
import { createTunnelKeys } from "../store/tunnel-keys.ts";
import { createTunnels, type TunnelOptions, type Tunnels } from "../transports/tunnel/index.ts";

/** The ways into sessions whose engine lets nothing listen: a socket for those on this machine, TLS for others where configured. */
export function composeTunnels(
  config: Config,
  database: Database,
  log: Logger,
  onPortal: NonNullable<TunnelOptions["onPortal"]>,
): Promise<Tunnels> {
  const folder = join(config.stateFolder, "tunnel");
  return createTunnels({
    secret: secretIn(folder),
    keys: createTunnelKeys(database),
    folder: join(runFolderOf(config.stateFolder), "tunnel"),
    folderInside: "/run/session/portal",
    network: config.tunnel === null ? null : { ...config.tunnel, certificateFolder: folder },
    onPortal,
    log: log.child({ part: "tunnel" }),
  });
}

function secretIn(folder: string): Buffer {
  const file = join(folder, "secret");
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
    writeFileSync(file, randomBytes(32), { mode: 0o600, flag: "wx" });
  }
  return readFileSync(file);
}
