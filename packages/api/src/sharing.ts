import { z } from "zod";
import { instant, pageQuery, sessionId } from "./common.ts";
import { shareRole } from "./sessions.ts";

/** What a link can make of somebody. */
export const linkRole = z.enum(["member", "viewer"]);

/** A link by which whoever may log in and holds it is let in. */
export const link = z
  .object({
    id: z.string(),
    as: linkRole,
    until: instant,
    mostUses: z.number().int().nullable().meta({ description: "Null: as many people as do" }),
    uses: z.array(z.object({ account: z.string(), name: z.string(), at: instant })),
    by: z.string(),
    at: instant,
  })
  .meta({ id: "Link" });
export type Link = z.infer<typeof link>;

/** A link just made: `url` has its secret behind the `#`, and is shown this once. */
export const linkMade = link.extend({ url: z.string() }).meta({ id: "LinkMade" });

export const linkRequest = z.strictObject({
  as: linkRole,
  hours: z.number().positive().max(720).default(24).meta({ description: "How long it is good" }),
  mostUses: z.number().int().min(1).max(1000).optional(),
});

export const linkParams = z.object({ id: sessionId, link: z.string().min(1).max(40) });
export const revokeQuery = z.object({
  shares: z
    .stringbool()
    .default(false)
    .meta({ description: "Whether those who came by it are let in no more either" }),
});

export const joining = z.strictObject({ secret: z.string().min(1).max(200) });
export const joined = z
  .object({ session: sessionId, as: z.enum(["owner", "member", "viewer", "support"]) })
  .meta({ id: "Joined" });
export type Joined = z.infer<typeof joined>;

export const handingOver = z.strictObject({
  account: z.string().min(1).max(100),
  as: linkRole.meta({ description: "`member` hands the keyboard over, `viewer` takes it back" }),
});

/** Somebody asks to be let in. */
export const joinRequest = z
  .object({
    id: z.string(),
    session: z.object({ id: sessionId, name: z.string() }),
    owner: z.string(),
    account: z.string(),
    name: z.string(),
    as: shareRole,
    reason: z.string().nullable(),
    state: z.enum(["open", "accepted", "declined", "withdrawn", "expired"]),
    at: instant,
    until: instant,
    answeredAt: instant.nullable(),
  })
  .meta({ id: "JoinRequest" });
export type JoinRequest = z.infer<typeof joinRequest>;

export const asking = z.strictObject({
  as: shareRole,
  reason: z.string().trim().min(1).max(500).optional(),
});

export const requestParams = z.object({ request: z.string().min(1).max(40) });
export const answering = z.strictObject({
  answer: z.enum(["yes", "no"]),
  as: shareRole.optional().meta({ description: "In place of what was asked for" }),
  until: instant.optional(),
});

/** Somebody who is inside a session now. */
export const present = z
  .object({
    account: z.string(),
    name: z.string(),
    role: z.enum(["owner", "member", "viewer", "support"]),
    since: instant,
  })
  .meta({ id: "Present" });
export type Present = z.infer<typeof present>;

/** One line of what is recorded of who was let into a session. It is never changed. */
export const auditEntry = z
  .object({
    id: z.string(),
    at: instant,
    action: z.enum([
      "shared",
      "unshared",
      "handed-over",
      "link-made",
      "link-revoked",
      "link-taken",
      "link-refused",
      "asked",
      "accepted",
      "declined",
      "withdrawn",
      "support-let-in",
      "entered",
      "ended",
    ]),
    account: z.string().nullable().meta({ description: "Who did it; null: the portal by itself" }),
    whom: z.string().nullable(),
    role: z.string().nullable(),
    until: instant.nullable(),
    way: z.string().nullable().meta({ description: "By what: a log-in, an access token, a link, a request" }),
    reason: z.string().nullable(),
  })
  .meta({ id: "AuditEntry" });
export type AuditEntry = z.infer<typeof auditEntry>;

export const auditQuery = pageQuery;
