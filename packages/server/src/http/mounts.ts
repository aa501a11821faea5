import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";

/** A part of the portal's origin that is answered by somebody else, whole. */
export interface Mount {
  readonly prefix: string;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/** Hands every request below a mount's prefix on, its body unread, with the portal's security headers on the answer. */
export function registerMounts(app: FastifyInstance, mounts: readonly Mount[]): void {
  for (const { prefix, handle } of mounts)
    app.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
      scope.all(`${prefix}/*`, (request, reply) => {
        for (const [name, value] of Object.entries(reply.getHeaders()))
          if (value !== undefined) reply.raw.setHeader(name, value);
        reply.hijack();
        handle(request.raw, reply.raw);
      });
    });
}
