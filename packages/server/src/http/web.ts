import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { sendProblem, viewerPolicy } from "./app.ts";
import { problemOf } from "./problem.ts";

/** The web UI: hashed assets for ever, the page itself always fresh, and the page for every address of the UI; the viewer is a page of its own. */
export async function registerWeb(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    cacheControl: false,
    setHeaders: (response, path) => {
      response.header(
        "cache-control",
        path.includes("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
      );
    },
  });
  app.get("/*", (request, reply) => {
    const isPage = (request.headers.accept ?? "").includes("text/html") && !request.url.startsWith("/api/");
    if (!isPage) return sendProblem(reply, problemOf("not-found", "there is nothing at this address"));
    if (!request.url.startsWith("/viewer/")) return reply.sendFile("index.html");
    return reply.header("content-security-policy", viewerPolicy).sendFile("viewer/index.html");
  });
}
