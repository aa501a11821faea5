import { z } from "zod";
import { instant, pageOf, sessionId } from "./common.ts";
import { cause, phase } from "./sessions.ts";

/** What the owner of a session is told of it. */
export const notice = z
  .object({
    id: z.string(),
    message: z.enum(["expires-soon", "ended", "failed", "join-asked", "support-let-in"]),
    at: instant,
    read: z.boolean(),
    session: z.object({
      id: sessionId,
      name: z.string(),
      phase,
      reason: z.string().nullable(),
      cause: cause.nullable(),
      expiresAt: instant,
    }),
  })
  .meta({ id: "Notice" });
export type Notice = z.infer<typeof notice>;

/** A page of notices, with how many are unread in all. */
export const noticePage = pageOf(notice).extend({ unread: z.number().int() });

export const noticesRead = z.strictObject({
  ids: z
    .array(z.string().regex(/^\d{1,15}$/))
    .min(1)
    .max(200),
});
