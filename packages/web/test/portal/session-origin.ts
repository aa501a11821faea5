import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Opened } from "@endstation/api";

/** An origin of its own, as a session has: takes a ticket by form POST, once, and writes down how it came. */
export class SessionOrigin {
  readonly entries: { method: string; origin: string | undefined; url: string; ticket: string | null }[] = [];
  readonly #tickets = new Set<string>();
  readonly #server: Server;
  readonly #label = `a${randomBytes(8).toString("hex")}`;

  constructor(server: Server) {
    this.#server = server;
    server.on("request", async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      if (request.url === "/favicon.ico") return response.writeHead(404).end();
      const ticket = new URLSearchParams(Buffer.concat(chunks).toString()).get("ticket");
      const { method = "", url = "" } = request;
      this.entries.push({ method, origin: request.headers.origin, url, ticket });
      const isLet = ticket !== null && this.#tickets.delete(ticket);
      response.writeHead(isLet ? 200 : 403, { "content-type": "text/html" });
      return response.end(
        `<!doctype html><title>${isLet ? "JupyterLab" : "No way in"}</title><h1>Inside</h1>`,
      );
    });
  }

  static async start(): Promise<SessionOrigin> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new SessionOrigin(server);
  }

  ticket(): Opened {
    const ticket = randomBytes(16).toString("hex");
    this.#tickets.add(ticket);
    const { port } = this.#server.address() as AddressInfo;
    const expiresAt = new Date(Date.now() + 30_000).toISOString();
    return { url: `http://${this.#label}.localhost:${port}/enter`, ticket, expiresAt };
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}
