import { z } from "zod";

/** A moment on the wire: RFC 3339 in UTC. */
export const instant = z.iso.datetime().meta({ description: "RFC 3339, UTC" });

export const sessionId = z
  .string()
  .regex(/^s-[a-z0-9]{20}$/)
  .meta({ description: "`s-` and 20 letters or digits" });

/** Query of every list. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(500).optional(),
});

/** A list: `next` is the cursor of the following page, null at the end. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}

/** Query of a list that has all its items on one page. */
export const empty = z.object({});

/** An error as RFC 9457 problem details, with a stable `code` and what to do `next`. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string(),
    next: z.string(),
    instance: z.string().optional(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof problem>;
