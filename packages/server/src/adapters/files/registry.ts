import { createFolderFiles, folderFilesConfig } from "./folder/index.ts";

export type { FolderFilesDeps } from "./folder/index.ts";

/** Every way to datasets' bytes: the shape of its configuration, and how it is made. */
export const fileAdapters = {
  folder: { config: folderFilesConfig, create: createFolderFiles },
} as const;
