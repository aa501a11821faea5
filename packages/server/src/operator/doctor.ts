import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { EndstationError } from "@endstation/core";
import { type Config, developmentGuard, readConfig } from "../config/index.ts";
import { demandSpace } from "../setup/folders.ts";
import { ensureIsolation } from "../setup/isolation.ts";
import { answer, type OperatorCommand, portalWords } from "./answer.ts";
import { withStateDatabase } from "./state-database.ts";

/** One thing that was looked at: fine, a hint, or to be mended. */
interface Finding {
  readonly part: string;
  readonly state: "fine" | "hint" | "broken";
  readonly detail: string;
  readonly next: string | null;
}

type Look = (config: Config) => Promise<Omit<Finding, "part" | "next">>;

const looks: Readonly<Record<string, Look>> = {
  "Who may log in": async (config) => {
    developmentGuard(config);
    return fine(config.identity?.issuer ?? "the development issuer, on this machine only");
  },
  "Disk space": async (config) => {
    if (!existsSync(config.stateFolder)) return hint(`${config.stateFolder} is made at the first start`);
    demandSpace(config);
    return fine("enough");
  },
  Database: async (config) => {
    if (config.databaseUrl === null && !existsSync(join(config.stateFolder, "database")))
      return hint("is made at the first start");
    const count = await withStateDatabase(config, async ({ pool }) => {
      const { rows } = await pool.query<{ count: number }>("select count(*)::int as count from migrations");
      return rows[0]?.count ?? 0;
    });
    return fine(`answers, ${count} migrations`);
  },
  Sandbox: async (config) => {
    const { value, detail = "" } = await ensureIsolation({ ...config, install: false }, () => {});
    return value === "sandbox" ? fine("sessions are kept apart") : hint(detail);
  },
  "Python environments": async ({ softwareFolder }) => {
    const folder = join(softwareFolder, "environments");
    const found = existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith(".")) : [];
    // Each is called by its name and a digest of what it was built from.
    const built = new Set(found.map((name) => name.replace(/-[0-9a-f]{12}$/, "")));
    return built.size > 0 ? fine([...built].sort().join(", ")) : hint("are built at the next start");
  },
  Portal: async ({ publicUrl }) => {
    const response = await fetch(`${publicUrl}/readyz`, { signal: AbortSignal.timeout(10_000) }).catch(
      () => null,
    );
    if (response === null) return hint(`does not answer at ${publicUrl}`);
    const { ready, parts } = (await response.json()) as {
      ready: boolean;
      parts: { name: string; up: boolean; detail: string }[];
    };
    const down = parts.filter(({ up }) => !up).map(({ name, detail }) => `${name} (${detail})`);
    if (!ready) return { state: "broken", detail: `is not ready: ${down.join(", ")}` };
    return down.length === 0 ? fine(`is ready at ${publicUrl}`) : hint(`is ready without ${down.join(", ")}`);
  },
};

/** `doctor`: looks at everything the portal needs, changes nothing, and says what to mend. */
export const doctor: OperatorCommand = async (operator) => {
  const config = readConfig({ argv: portalWords(operator.options), env: operator.env });
  const findings: Finding[] = [];
  for (const [part, look] of Object.entries(looks)) findings.push(await finding(part, () => look(config)));
  const broken = findings.filter(({ state }) => state === "broken").length;
  answer(operator, { healthy: broken === 0, findings }, findings.map(lineOf).join("\n"));
  return broken === 0 ? 0 : 1;
};

async function finding(part: string, look: () => ReturnType<Look>): Promise<Finding> {
  try {
    return { part, ...(await look()), next: null };
  } catch (error) {
    const isCoded = error instanceof EndstationError;
    const detail = isCoded ? `${error.code}: ${error.detail}` : String(error);
    return { part, state: "broken", detail, next: isCoded ? error.next : null };
  }
}

const marks = { fine: "✔", hint: "–", broken: "✖" } as const;

function lineOf({ part, state, detail, next }: Finding): string {
  return `${marks[state]} ${part}: ${detail}${next === null ? "" : `\n  ${next}`}`;
}

function fine(detail: string) {
  return { state: "fine", detail } as const;
}

function hint(detail: string) {
  return { state: "hint", detail } as const;
}
