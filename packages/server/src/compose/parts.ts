import type { Part } from "../http/health.ts";
import type { HttpNeeds } from "./http.ts";

const patience = 2_000;

/** What must be up, and what is good to know. */
export function partsOf({ database, providers, states, data, supply, webFolder }: HttpNeeds): Part[] {
  return [
    {
      name: "database",
      required: true,
      check: async () => {
        await withinPatience(database.query({ name: "alive", text: "SELECT 1" }, []));
        return { up: true, detail: "answers" };
      },
    },
    ...[...providers].map(([name, { capabilities }]) => ({
      name: `compute provider ${name}`,
      required: false,
      check: async () => ({
        up: !(await states.outages()).has(name),
        detail: `isolation ${capabilities.isolation}, limits by ${capabilities.limits}, network ${capabilities.network}`,
      }),
    })),
    {
      name: "environments",
      required: false,
      check: async () => ({
        up: supply.environments.length > 0,
        detail: supply.environments.map((environment) => environment.name).join(", "),
      }),
    },
    ...[...data.read.catalogues.keys()].map((name) => ({
      name: `catalogue ${name}`,
      required: false,
      check: async () => {
        const report = data.harvest.reports().find((one) => one.catalogue === name);
        if (report === undefined) return { up: false, detail: "not read yet" };
        const found = `${report.proposals} proposals, ${report.datasets} datasets`;
        return { up: report.failure === null, detail: report.failure ?? found };
      },
    })),
    {
      name: "user interface",
      required: false,
      check: async () => ({ up: webFolder !== null, detail: webFolder === null ? "not built" : "there" }),
    },
  ];
}

function withinPatience<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const late = new Promise<never>((_resolve, reject) =>
    setTimeout(() => reject(new Error("late")), patience).unref(),
  );
  return Promise.race([answer, late]);
}
