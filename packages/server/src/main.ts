import { createServer } from "node:net";
import { EndstationError } from "@endstation/core";
import type { Logger } from "pino";
import { compose, type Portal } from "./compose/compose.ts";
import { type Config, listenAddresses, readConfig, usage } from "./config/index.ts";
import { createLog, sayFailure } from "./log.ts";
import { installLauncher } from "./setup/launcher.ts";
import { type Prepared, prepare } from "./setup/prepare.ts";
import { type OnProgress, progressPrinter, step } from "./setup/progress.ts";

/** `npm start`: reads the configuration, makes the machine ready, puts the portal together, listens. */
const endsWithin = 4_500;
const harvestPatience = 60_000;

if (process.argv.slice(2).some((word) => word === "--help" || word === "-h")) console.log(usage);
else await main().catch(fail);

async function main(): Promise<void> {
  const config = readConfig({ argv: process.argv.slice(2), env: process.env });
  const log = createLog(config.logLevel);
  const onProgress = progressPrinter((text) => process.stderr.write(text));
  for (const host of listenAddresses(config)) await demandFreePort(host, config.listen.port);
  const prepared = await prepare({ config, onProgress, log });
  prepared.onDatabaseExit((why) => log.error({ why }, "the database ended; it is started again"));
  const portal = await start(config, prepared, onProgress, log);
  console.log(`Endstation is ready at ${config.publicUrl}`);
  endOnSignal(portal, prepared, log);
}

async function start(
  config: Config,
  prepared: Prepared,
  onProgress: OnProgress,
  log: Logger,
): Promise<Portal> {
  try {
    const launcherFolder = installLauncher(config.softwareFolder);
    const portal = await compose({ config, machine: { ...prepared, launcherFolder }, log });
    await step(onProgress, "Catalogues", async () => ({ value: await inTime(portal.harvested) }));
    await portal.listen(listenAddresses(config), config.listen.port).catch((error: NodeJS.ErrnoException) => {
      throw error.code === "EADDRINUSE" ? portInUse(config.listen.port) : error;
    });
    return portal;
  } catch (error) {
    log.level = "silent";
    await prepared.release();
    throw error;
  }
}

/** People may come before a slow archive has been read through. */
function inTime(work: Promise<void>): Promise<void> {
  return Promise.race([work, new Promise<void>((resolve) => setTimeout(resolve, harvestPatience).unref())]);
}

/** Found out before minutes are spent on what could not be used. A machine without IPv6 has no `::1`. */
function demandFreePort(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", ({ code }: NodeJS.ErrnoException) =>
      code === "EADDRINUSE" ? reject(portInUse(port)) : resolve(),
    );
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve()));
  });
}

function portInUse(port: number): EndstationError {
  return new EndstationError("port-in-use", `something listens on port ${port} already`);
}

/** The first signal ends it in order, sessions go on; the second at once. */
function endOnSignal(portal: Portal, prepared: Prepared, log: Logger): void {
  let isEnding = false;
  const end = async (signal: string) => {
    if (isEnding) process.exit(1);
    isEnding = true;
    log.info({ signal }, "ending; sessions go on");
    setTimeout(() => process.exit(0), endsWithin).unref();
    await portal.close().catch((error: unknown) => log.warn({ err: error }, "not everything ended in order"));
    await prepared.release();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => void end(signal));
}

function fail(error: unknown): void {
  sayFailure(error);
  process.exit(1);
}
