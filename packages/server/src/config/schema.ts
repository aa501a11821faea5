import { z } from "zod";
import { catalogueAdapters } from "../adapters/catalogue/registry.ts";
import { computeAdapters } from "../adapters/compute/registry.ts";
import { oidcConfig } from "../adapters/identity/registry.ts";
import { environmentSource } from "../environments/declaration.ts";
import { isLoopbackUrl } from "./loopback.ts";

/** A name that appears in URLs, logs and tables. */
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "must be lower-case letters, digits and hyphens, at most 40")
  .describe("Its name in the portal");

type Adapters = Readonly<Record<string, z.ZodObject>>;

const onlyFor = z.strictObject({
  accounts: z.array(z.string().min(1)).default([]).describe("These accounts"),
  roles: z
    .array(z.enum(["admin", "support", "instrument-scientist"]))
    .default([])
    .describe("Whoever has one of these roles"),
});

/** A list of parts, each of one of the kinds there are adapters for. */
function listOf<Kinds extends Adapters, Common = unknown>(kinds: Kinds, common: z.ZodRawShape = {}) {
  type Entry = {
    [Kind in keyof Kinds]: z.output<Kinds[Kind]> & Common & { readonly name: string; readonly type: Kind };
  }[keyof Kinds];
  const entries = Object.entries(kinds).map(([type, shape]) =>
    z.strictObject({
      name,
      type: z.literal(type).describe("Of which kind it is"),
      ...common,
      ...shape.shape,
    }),
  );
  const union = z.discriminatedUnion("type", entries as [(typeof entries)[number], ...typeof entries]);
  return z.array(union as unknown as z.ZodType<Entry>).min(1);
}

const catalogues = listOf({ folder: catalogueAdapters.folder.config });
type ComputeSchemas = { [Kind in keyof typeof computeAdapters]: (typeof computeAdapters)[Kind]["schema"] };
const computeSchemas = Object.fromEntries(
  Object.entries(computeAdapters).map(([kind, { schema }]) => [kind, schema]),
) as ComputeSchemas;
const compute = listOf<ComputeSchemas, { readonly onlyFor?: z.output<typeof onlyFor> | undefined }>(
  computeSchemas,
  {
    onlyFor: onlyFor
      .optional()
      .describe("Who may start sessions there, such as those who paid for it. Left out: everybody"),
  },
);

const tunnel = z.strictObject({
  host: z.string().min(1).default("0.0.0.0").describe("Address to listen on"),
  port: z.int().min(1).max(65_535).default(8443).describe("Port to listen on"),
  address: z.string().min(1).describe("The name or address under which sessions reach this portal"),
});

const listen = z.strictObject({
  host: z
    .string()
    .min(1)
    .default("localhost")
    .describe(
      "Address to listen on; `localhost` is both loopback addresses, `0.0.0.0` every IPv4 one, `::` every one",
    ),
  port: z.int().min(1).max(65_535).default(8080).describe("Port to listen on"),
});

const publicUrl = z
  .url({ protocol: /^https?$/ })
  .refine(
    (text) => new URL(text).protocol === "https:" || isLoopbackUrl(text),
    "must be https beyond this machine",
  )
  .refine((text) => /^\/?$/.test(new URL(text).pathname), "must have no path: the portal owns its origin")
  .transform((text) => new URL(text).origin);

const storage = z.strictObject({
  archive: z
    .string()
    .min(1)
    .optional()
    .describe("Where the demonstration's data are made; below the state folder"),
  homes: z.string().min(1).optional().describe("Where people's homes are; below the state folder"),
  results: z.string().min(1).optional().describe("Where proposals' results are; below the state folder"),
});

const flavour = z.strictObject({
  name,
  title: z.string().min(1).describe("What people read"),
  cpus: z.number().positive().describe("Processors"),
  memoryMiB: z.int().min(128).describe("Memory, in MiB"),
  processes: z.int().min(32).default(1024).describe("Most processes and threads at once"),
  gpus: z.int().min(0).default(0).describe("Graphics processors"),
});

/** Named sizes where the configuration has none of its own. */
const usualFlavours = [
  { name: "small", title: "Small", cpus: 1, memoryMiB: 2048 },
  { name: "medium", title: "Medium", cpus: 2, memoryMiB: 4096 },
  { name: "large", title: "Large", cpus: 4, memoryMiB: 8192 },
];

const limits = z.strictObject({
  sessionsPerPerson: z.int().min(1).default(4).describe("Sessions a person may have at once"),
  batchSessionsPerPerson: z
    .int()
    .min(1)
    .default(50)
    .describe(
      "Batch sessions a person may have at once, waiting ones included; the others are not counted here",
    ),
  lifetimeHours: z
    .number()
    .positive()
    .default(24)
    .describe("How long a session lives when nobody extends it"),
  longestLifetimeHours: z.number().positive().default(168).describe("How far it can be extended"),
  idleHours: z
    .number()
    .positive()
    .nullable()
    .default(12)
    .describe("How long a session may be without any activity; `null`: for ever"),
  warnMinutes: z.number().positive().default(30).describe("How long before its end a person is warned"),
  startMinutes: z.number().positive().default(10).describe("How long a start may take before it has failed"),
});

const mail = z.strictObject({
  urlFile: z
    .string()
    .min(1)
    .describe("A file with the server's URL, such as `smtps://user:password@mail.example.org`"),
  from: z.email().describe("The address that e-mail comes from"),
});

const support = z.strictObject({
  enters: z
    .enum(["with-consent", "and-tells"])
    .default("with-consent")
    .describe(
      "`with-consent`: support asks, and the owner of the session answers. `and-tells`: support gives a reason and is let in at once; the owner is told",
    ),
});

const posix = z.strictObject({
  first: z
    .int()
    .min(1000)
    .max(2_147_483_646)
    .optional()
    .describe("First user and group id for people who are no users of the facility's machines"),
  last: z.int().min(1000).max(2_147_483_646).optional().describe("Last one"),
  accounts: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe("The facility's user names by the portal's account, such as `{ pi: jdoe }`"),
  groups: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe("The facility's group names by proposal; its team shares the results by that group"),
  sameNames: z
    .boolean()
    .default(false)
    .describe("Whether accounts and proposals that are not named here have the same names on the machines"),
});

/** The configuration file. Its descriptions are the reference page (`docs/config.md`). */
export const configSchema = z.strictObject({
  listen: listen.prefault({}).describe("Where the portal listens"),
  publicUrl: publicUrl
    .optional()
    .describe(
      "The address that people open; http on the loopback address only. Left out: `http://localhost:PORT`",
    ),
  sessionsDomain: z
    .string()
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*(:\d+)?$/i, "must be a domain name")
    .optional()
    .describe(
      "Sessions live at `<random>.DOMAIN`: a wildcard DNS entry and certificate point here. Left out: `<random>.localhost`, on this machine only",
    ),
  trustedProxies: z
    .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
    .default([])
    .describe("Addresses or networks of the proxies in front, whose forwarding headers are believed"),
  workers: z
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe(
      "Processes that share the port and carry what goes to and from sessions; `1`: the portal itself. Left out: 1 where `publicUrl` is on this machine, else one per processor, at most 4",
    ),
  stateFolder: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Where everything that is kept lies. Left out: `/var/lib/endstation` as root, else `~/.local/state/endstation`",
    ),
  softwareFolder: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Where built environments and fetched programs are kept. Left out: ENDSTATION_SOFTWARE, or `software` in the usual state folder",
    ),
  demo: z
    .boolean()
    .optional()
    .describe(
      "Whether the demonstration facility is made and shown. Left out: where neither `identity` nor `catalogues` is there",
    ),
  database: z
    .strictObject({
      urlFile: z
        .string()
        .min(1)
        .optional()
        .describe("A file with the URL of a PostgreSQL (15 or newer) with its password"),
    })
    .prefault({})
    .describe("The facility's own PostgreSQL. Left out: one of the portal's own, in the state folder"),
  identity: oidcConfig
    .optional()
    .describe(
      "The OpenID Connect issuer where people log in. Left out: the development issuer, on this machine only",
    ),
  catalogues: catalogues.optional().describe("Where proposals and datasets are found"),
  harvestMinutes: z
    .number()
    .positive()
    .default(10)
    .describe("How often catalogues are looked through for what is new"),
  instrumentScientists: z
    .record(z.string(), z.array(z.string().min(1)))
    .default({})
    .describe(
      "By account, the instruments whose data its scientist may read, such as `{ an-account: [LRMECS] }`; the account also needs the role `instrument-scientist`",
    ),
  compute: compute
    .prefault([{ name: "local", type: "local" } as never])
    .describe("Where sessions run. Left out: on this machine"),
  storage: storage.prefault({}).describe("Where people's files are kept, as the portal sees them"),
  flavours: z
    .array(flavour)
    .min(1)
    .prefault(usualFlavours)
    .describe(
      "Named sizes of sessions. Left out: small (1 processor, 2 GiB), medium (2, 4 GiB), large (4, 8 GiB)",
    ),
  environments: z
    .array(name)
    .optional()
    .describe(
      "Which of the environments are built on this machine; none where all software is in `sources`. Left out: all of them",
    ),
  sources: z
    .record(name, environmentSource)
    .default({})
    .describe(
      "By environment, where its software is for engines that do not start what is built on this machine, such as `{ nexus: { image: … } }`",
    ),
  tunnel: tunnel
    .optional()
    .describe(
      "Where sessions on other machines (Slurm, Kubernetes) dial in, by TLS; these engines need it. Left out: only sessions on this machine can be reached",
    ),
  mail: mail
    .optional()
    .describe(
      "Where e-mail goes out: people are told when a session ends by itself, fails or is about to end. Left out: they find it in the portal only",
    ),
  support: support
    .prefault({})
    .describe("How the facility's support gets into somebody's session. It reads no data by that"),
  limits: limits.prefault({}).describe("What one person may have, and for how long"),
  posix: posix
    .optional()
    .describe(
      "As whom sessions run, when the portal is root. Left out: ids from a range that nobody else hands out",
    ),
  python: z
    .string()
    .min(1)
    .optional()
    .describe("The Python that environments are built with. Left out: the first that fits"),
  logLevel: z.enum(["debug", "info", "warn", "error"]).default("info").describe("What is logged at least"),
});

export type ConfigFile = z.output<typeof configSchema>;
