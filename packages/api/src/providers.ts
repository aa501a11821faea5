import { z } from "zod";
import { instant } from "./common.ts";

/** A compute provider as administrators see it. */
export const provider = z
  .object({
    name: z.string(),
    configured: z
      .boolean()
      .meta({ description: "False: it is gone from the configuration and sessions of it are left" }),
    kinds: z.array(z.string()),
    isolation: z.string().nullable(),
    drained: z.object({ by: z.string(), at: instant }).nullable().meta({
      description: "Since when, and by whom, it takes no new sessions",
    }),
    outageSince: instant.nullable().meta({ description: "Since when it cannot be asked" }),
    liveSessions: z.number().int(),
  })
  .meta({ id: "Provider" });
export type Provider = z.infer<typeof provider>;
