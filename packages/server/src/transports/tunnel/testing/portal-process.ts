import { openDatabase } from "../../../store/database.ts";
import { createTunnelKeys } from "../../../store/tunnel-keys.ts";
import { createTunnels } from "../index.ts";

/** A portal of its own process, for tests that kill it: prints the port where launchers come in by network. */
const { connection, secret, folder, network } = JSON.parse(process.argv[2] as string);
const tunnels = await createTunnels({
  secret: Buffer.from(secret, "hex"),
  keys: createTunnelKeys(openDatabase(connection)),
  folder,
  folderInside: folder,
  network,
  log: { warn: () => {} },
});
const ticket = await tunnels.ticket({ sessionId: "s-00000000000000000000", attempt: 1 }, "network");
console.log(JSON.parse(ticket).port);
process.stdin.once("end", () => process.exit()).resume();
