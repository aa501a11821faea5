import { z } from "zod";

/** What the event stream sends: a hint that something changed; the client fetches it again. */
export const hint = z
  .object({
    resource: z.enum(["session", "presence", "access", "proposal", "dataset", "notice"]),
    id: z.string(),
    version: z.number().int(),
  })
  .meta({ id: "Hint" });
export type Hint = z.infer<typeof hint>;
