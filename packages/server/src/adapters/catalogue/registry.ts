import { createFolderCatalogue, folderConfig } from "./folder/index.ts";

export type { FolderAccount, FolderCatalogue, FolderCatalogueDeps } from "./folder/index.ts";

/** Every kind of catalogue: the shape of its configuration, and how it is made. */
export const catalogueAdapters = {
  folder: { config: folderConfig, create: createFolderCatalogue },
} as const;
