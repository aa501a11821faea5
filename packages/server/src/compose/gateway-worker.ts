import type { Server } from "node:http";
import type { Socket } from "node:net";
import { refuse } from "@endstation/core";
import type { Logger } from "pino";
import { answerTo } from "../gateway/answers.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { send } from "../gateway/sending.ts";
import { frontServer } from "../http/front-server.ts";
import { answerUnreadable } from "../http/unreadable.ts";
import { createLog } from "../log.ts";
import { openDatabase } from "../store/database.ts";
import { createIdentityStore } from "../store/identity.ts";
import { createSessionStore } from "../store/session-store.ts";
import { createDials, type Dials } from "../workers/dials.ts";
import type { FromWorker, ToWorker } from "../workers/messages.ts";
import { createPortalHop } from "../workers/portal-hop.ts";
import { composeRights } from "./data.ts";
import { composeGateway } from "./gateway.ts";
import { platform as clock } from "./platform.ts";
import { sessionDeps } from "./sessions.ts";
import type { GatewayTask } from "./workers.ts";

/**
 * A gateway worker: holds the way into sessions and nothing else. It is begun by the main process, ends when told to, and
 * with the main process however that ends. Signals to the whole group of processes are the main process's to take.
 */
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => {});
process.once("disconnect", () => process.exit(0));

let dials: Dials | null = null;
let server: Server | null = null;
let close = async () => {};

process.on("message", (message: ToWorker<GatewayTask>, socket: Socket | undefined) => {
  if (message.say === "begin") void begin(message.task).catch(fail);
  else if (message.say === "take") take(message.id, socket);
  else if (message.say === "dialled") dials?.dialled(message, socket);
  else void close().finally(() => process.exit(0));
});

async function begin(task: GatewayTask): Promise<void> {
  const log = createLog(task.logLevel);
  dials = createDials(task.backDoor, say);
  const gateway = await gatewayFor(task, dials, log);
  const own = serverFor(task, gateway);
  // It never listens itself, and yet must look after slow connections: Node begins that with this event.
  own.emit("listening");
  server = own;
  close = async () => {
    await gateway.close();
    own.closeAllConnections();
  };
  say({ say: "ready" });
}

/** Said before anything is read of it: what nobody took is given to another worker. */
function take(id: number, connection: Socket | undefined): void {
  say({ say: "taken", id });
  if (connection === undefined) return;
  connection.allowHalfOpen = true;
  connection.on("error", () => connection.destroy());
  server?.emit("connection", connection);
}

/** A few connections to the database are enough: it is asked about once a second and visit. */
const mostQueries = 8;

async function gatewayFor(task: GatewayTask, { to }: Dials, log: Logger): Promise<Gateway> {
  const { config } = task;
  const database = openDatabase({ ...task.database, max: mostQueries });
  const store = createSessionStore(database, config.life);
  const identities = createIdentityStore(database);
  const data = { rights: composeRights({ config, database, clock }) };
  const needs = { config, database, clock, store, identities, data };
  return composeGateway({
    ...{ ...needs, log, sessions: sessionDeps(needs) },
    providers: new Map(task.providers.map((name) => [name, to(name)])),
    staticLists: task.staticLists,
    ...(task.limits === null ? {} : { limits: task.limits }),
  });
}

const starting = refuse("part-down", "the portal is being started again");

function serverFor({ backDoor, config }: GatewayTask, gateway: Gateway): Server {
  const hop = createPortalHop(backDoor, (request, response) => {
    const { method = "", url: target = "", headers } = request;
    const asked = { method, target, headers };
    send(response, answerTo({ ...starting, session: null }, asked, config.publicUrl));
  });
  const front = {
    handleRequest: gateway.handleRequest,
    handleUpgrade: (...given: Parameters<Gateway["handleUpgrade"]>) => {
      if (!gateway.handleUpgrade(...given)) hop.upgrade(...given);
      return true;
    },
  };
  const server = frontServer(front, hop.request);
  server.on("clientError", answerUnreadable);
  return server;
}

function say(message: FromWorker): void {
  process.send?.(message);
}

function fail(error: Error): void {
  process.send?.({ say: "failed", why: error.message } satisfies FromWorker, () => process.exit(1));
}
