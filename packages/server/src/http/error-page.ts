import { readFile } from "node:fs/promises";
import type { FastifyInstance } from "fastify";

const page = new URL("../../../../docs/errors.md", import.meta.url);

/** `GET /docs/errors`: where every problem's `type` leads to, what each error means and who can mend it. */
export async function registerErrorPage(app: FastifyInstance): Promise<void> {
  const text = await readFile(page, "utf8");
  app.get("/docs/errors", (_request, reply) => reply.type("text/plain; charset=utf-8").send(text));
}
