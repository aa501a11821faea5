import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const path = z.string().startsWith("/");
const image = z.string().regex(/@sha256:[0-9a-f]{64}$/);
const own = { name: z.string(), script: path };
const images = { images: z.record(z.string(), image), tiny: image };

/** What `npm run engine -- NAME up` says of an engine. */
const schemas = {
  docker: z.object({ ...own, ...images, socket: path, registry: z.string() }),
  "docker-remapped": z.object({
    ...own,
    ...images,
    socket: path,
    registry: z.string(),
    remap: z.object({ first: z.number(), count: z.number() }),
  }),
  slurm: z.object({
    ...own,
    conf: path,
    restSocket: path,
    restUrl: z.url(),
    users: z.array(z.object({ name: z.string(), uid: z.number() })),
    bin: path,
    shared: path,
    accounting: z.boolean(),
  }),
  kubernetes: z.object({
    ...own,
    ...images,
    kubeconfig: path,
    kubectl: path,
    helm: path,
    nodeName: z.string(),
    nodeAddress: z.string(),
    /** Under which a pod reaches a server of this machine. */
    hostAddress: z.string(),
  }),
  registry: z.object({ ...own, address: z.string() }),
  keycloak: z.object({
    ...own,
    issuer: z.url(),
    clientId: z.string(),
    clientSecretFile: path,
    accounts: z.array(z.string()),
  }),
};

export type EngineName = keyof typeof schemas;
export type EngineSettings<Name extends EngineName> = z.output<(typeof schemas)[Name]>;

/** An engine that is up, or why tests that need it are skipped. */
export type Engine<Name extends EngineName> =
  | { readonly settings: EngineSettings<Name> }
  | { readonly reason: string };

/** Where `ENDSTATION_REQUIRE_ENGINES` names it (`docker,slurm`), one that is not up is a failure, not a reason to skip. */
export function engine<Name extends EngineName>(name: Name, environment = process.env): Engine<Name> {
  const file = join(environment["ENDSTATION_ENGINES"] || "/var/lib/endstation/engines", `${name}.json`);
  if (existsSync(file)) {
    const settings = schemas[name].parse(JSON.parse(readFileSync(file, "utf8"))) as EngineSettings<Name>;
    if (spawnSync(settings.script, ["status"], { env: environment }).status === 0) return { settings };
  }
  const reason = `${name} is not up on this machine (npm run engine -- ${name} up)`;
  const required = (environment["ENDSTATION_REQUIRE_ENGINES"] ?? "").split(",");
  if (required.some((one) => one.trim() === name)) throw new Error(reason);
  return { reason };
}
