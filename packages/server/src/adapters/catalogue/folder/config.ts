import { z } from "zod";

/** `catalogue` of the configuration, when an archive on disk is the catalogue. */
export const folderConfig = z.strictObject({
  file: z.string().min(1).describe("The archive's facility.yaml; datasets lie in folders beside it"),
});

export type FolderConfig = z.output<typeof folderConfig>;
