import { compose } from "../packages/server/src/compose/compose.ts";
import { listenAddresses, readConfig } from "../packages/server/src/config/index.ts";
import { listenOn } from "../packages/server/src/http/listen.ts";
import { createLog } from "../packages/server/src/log.ts";
import { installLauncher } from "../packages/server/src/setup/launcher.ts";
import { prepare } from "../packages/server/src/setup/prepare.ts";

/** The portal as `npm start` has it, except that sessions send their own static files: for the bench `first-page`. */
const config = readConfig({ argv: process.argv.slice(2), env: process.env });
const log = createLog("warn");
const prepared = await prepare({ config, onProgress: () => {}, log });
const environments = Object.fromEntries(
  Object.entries(prepared.environments).map(([name, { path }]) => [name, { path }]),
);
const launcherFolder = installLauncher(config.softwareFolder);
const portal = await compose({ config, machine: { ...prepared, environments, launcherFolder }, log });
await portal.harvested;
await listenOn(portal.app, listenAddresses(config), config.listen.port);
console.log(`Endstation is ready at ${config.publicUrl}`);
process.once("SIGTERM", async () => {
  await portal.close();
  await prepared.release();
  process.exit(0);
});
