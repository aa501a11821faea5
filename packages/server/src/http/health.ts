import type { FastifyInstance } from "fastify";

/** One part of the portal: what must be up before it is ready, and what it says of itself. */
export interface Part {
  readonly name: string;
  readonly required: boolean;
  check(): Promise<{ readonly up: boolean; readonly detail: string }>;
}

/** `/healthz`: the process lives. `/readyz`: each part with its state; 503 until all that must be up is. */
export function registerHealth(app: FastifyInstance, parts: readonly Part[]): void {
  app.get("/healthz", async () => ({ alive: true }));
  app.get("/readyz", async (_request, reply) => {
    const states = await Promise.all(parts.map(stateOf));
    const ready = states.every((state) => state.up || !state.required);
    return reply.code(ready ? 200 : 503).send({ ready, parts: states });
  });
}

async function stateOf({ name, required, check }: Part) {
  const state = await check().catch(() => ({ up: false, detail: "does not answer" }));
  return { name, required, ...state };
}
