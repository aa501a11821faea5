import { z } from "zod";
import { instant } from "./common.ts";

export const facilityRole = z.enum(["admin", "support", "instrument-scientist"]);
export const scope = z.enum(["read", "sessions", "admin"]);
export type Scope = z.infer<typeof scope>;

export const me = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    account: z.string(),
    roles: z.array(facilityRole),
    identities: z.array(z.object({ issuer: z.string(), subject: z.string() })),
  })
  .meta({ id: "Me" });
export type Me = z.infer<typeof me>;

/** An access token as listed: its secret is shown once, when it is made. */
export const token = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(scope),
    createdAt: instant,
    expiresAt: instant,
    lastUsedAt: instant.nullable(),
  })
  .meta({ id: "Token" });
export type Token = z.infer<typeof token>;

export const tokenRequest = z.strictObject({
  name: z.string().min(1).max(100),
  scopes: z.array(scope).min(1).default(["read", "sessions"]),
  expiresInSeconds: z
    .number()
    .int()
    .min(60)
    .max(366 * 86_400)
    .default(90 * 86_400),
});

export const tokenMade = token
  .extend({ token: z.string().meta({ description: "Shown once. Starts with `est_`." }) })
  .meta({ id: "TokenMade" });

/** What a command line asks for: at most to read and to act on sessions, so that one sentence tells what is approved. */
export const deviceRequest = z.strictObject({
  name: z.string().trim().min(1).max(100).default("Command line"),
  scopes: z
    .array(z.enum(["read", "sessions"]))
    .min(1)
    .default(["read", "sessions"]),
  expiresInSeconds: z
    .number()
    .int()
    .min(60)
    .max(366 * 86_400)
    .default(90 * 86_400),
});

/** Log-in of a command line: show `userCode`, let the person approve it at `verificationUrl`, poll until then. */
export const deviceBegun = z
  .object({
    deviceCode: z.string(),
    userCode: z.string(),
    verificationUrl: z.string(),
    expiresInSeconds: z.number().int(),
    pollEverySeconds: z.number().int(),
  })
  .meta({ id: "DeviceBegun" });

export const devicePoll = z.strictObject({ deviceCode: z.string().max(200) });
export const devicePolled = z
  .object({
    state: z.enum(["waiting", "approved", "refused", "expired"]),
    token: z.string().nullable(),
    account: z.string().nullable(),
  })
  .meta({ id: "DevicePolled" });
export const deviceApproval = z.strictObject({ userCode: z.string().max(20), approve: z.boolean() });
