import { z } from "zod";

/** An account that the development issuer lets in without a password; `sees` is told on the log-in page. */
export const developmentAccount = z.object({
  account: z.string().regex(/^[a-z0-9][a-z0-9._@+-]{0,99}$/),
  name: z.string().min(1),
  email: z.string().nullable().default(null),
  roles: z.array(z.enum(["admin", "support", "instrument-scientist"])).default([]),
  sees: z.string().default(""),
});

/** What the development issuer needs: where the portal is, and who there is. */
export const developmentConfig = z.strictObject({
  publicUrl: z.url().refine((text) => /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?\/?$/.test(text), {
    message: "the development issuer exists on the loopback address only",
  }),
  accounts: z.array(developmentAccount).min(1),
});

export type DevelopmentAccount = z.input<typeof developmentAccount>;
export type DevelopmentConfig = z.input<typeof developmentConfig>;
