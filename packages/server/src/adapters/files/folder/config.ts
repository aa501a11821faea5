import { z } from "zod";

/** Files come out of the folders that the catalogues name: there is nothing to configure. */
export const folderFilesConfig = z.strictObject({});
