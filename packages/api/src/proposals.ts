import { z } from "zod";
import { instant } from "./common.ts";

export const memberRole = z.enum(["principal-investigator", "member", "local-contact"]);

export const proposal = z
  .object({
    id: z.string(),
    title: z.string(),
    summary: z.string(),
    instrument: z.string(),
    facility: z.string(),
    startsAt: instant.nullable(),
    endsAt: instant.nullable(),
    releaseAt: instant.nullable().meta({ description: "When its data become open; null: never" }),
    members: z.array(z.object({ name: z.string(), role: memberRole })),
    myRole: memberRole.nullable(),
    datasetCount: z.number().int(),
    liveSessionCount: z.number().int().meta({ description: "Sessions on its data that are live now" }),
  })
  .meta({ id: "Proposal" });
export type Proposal = z.infer<typeof proposal>;
