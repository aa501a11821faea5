import type { Path } from "./faults.ts";
import { isLoopbackUrl } from "./loopback.ts";
import type { ConfigFile } from "./schema.ts";

interface Contradiction {
  readonly path: Path;
  readonly message: string;
}

/** What is well formed key by key and does not fit together. */
export function contradictions(config: ConfigFile): Contradiction[] {
  return [
    ...twice("catalogues", config.catalogues ?? []),
    ...twice("compute", config.compute),
    ...twice("flavours", config.flavours),
    ...tunnelFaults(config),
    ...publicFaults(config),
    ...limitFaults(config),
    ...demoFaults(config),
  ];
}

function twice(key: string, parts: readonly { readonly name: string }[]): Contradiction[] {
  return parts.flatMap(({ name }, index) =>
    parts.findIndex((other) => other.name === name) < index
      ? [{ path: [key, index, "name"], message: `there is already one with the name ${name}` }]
      : [],
  );
}

function tunnelFaults({ compute, tunnel }: ConfigFile): Contradiction[] {
  if (tunnel !== undefined) return [];
  return compute.flatMap(({ type }, index) =>
    elsewhere.has(type) ? [{ path: ["compute", index, "type"], message: `${type} needs ${needed}` }] : [],
  );
}

/** Their sessions run on other machines. */
const elsewhere: ReadonlySet<string> = new Set(["slurm", "kubernetes"]);
const needed = "tunnel beside it, where its sessions dial in: tunnel: { address: portal.example.org }";

function publicFaults({ publicUrl, sessionsDomain }: ConfigFile): Contradiction[] {
  const host = publicUrl === undefined ? null : new URL(publicUrl).hostname;
  const domain = (sessionsDomain ?? "").split(":", 1)[0] ?? "";
  if (host !== null && !isLoopbackUrl(publicUrl ?? "") && `.${domain}`.endsWith(`.${host}`))
    return [
      {
        path: ["sessionsDomain"],
        message:
          "must not be the portal's host or below it: a session's page could set cookies for the portal",
      },
    ];
  if (publicUrl === undefined || isLoopbackUrl(publicUrl) || sessionsDomain !== undefined) return [];
  return [
    { path: ["publicUrl"], message: "needs sessionsDomain beside it, where sessions get their own origins" },
  ];
}

function limitFaults({ limits, posix }: ConfigFile): Contradiction[] {
  const faults: Contradiction[] = [];
  if (limits.lifetimeHours > limits.longestLifetimeHours)
    faults.push({ path: ["limits", "lifetimeHours"], message: "is more than longestLifetimeHours" });
  if (limits.warnMinutes >= limits.lifetimeHours * 60)
    faults.push({ path: ["limits", "warnMinutes"], message: "is as long as lifetimeHours or longer" });
  if (limits.idleHours !== null && limits.warnMinutes >= limits.idleHours * 60)
    faults.push({ path: ["limits", "warnMinutes"], message: "is as long as idleHours or longer" });
  const { first, last } = posix ?? {};
  if ((first === undefined) !== (last === undefined))
    faults.push({ path: ["posix"], message: "needs both first and last, or neither" });
  if (first !== undefined && last !== undefined && last < first + 99)
    faults.push({ path: ["posix", "last"], message: "must leave room for at least 100 ids from first on" });
  return faults;
}

function demoFaults({ demo, identity, catalogues }: ConfigFile): Contradiction[] {
  if (demo === true && identity !== undefined)
    return [
      {
        path: ["demo"],
        message: "the demonstration has accounts of its own; it cannot be shown together with identity",
      },
    ];
  const withDemo = demo ?? (identity === undefined && catalogues === undefined);
  if (withDemo || catalogues !== undefined) return [];
  const path = demo === undefined ? ["identity"] : ["demo"];
  return [{ path, message: "without the demonstration at least one of catalogues is needed" }];
}
