import { refuse } from "@endstation/core";
import { refusing, type Viewing } from "../viewing.ts";

/** What a viewer may see of JupyterLab. */
export const jupyterViewing: Viewing = {
  request: async () => refusing(refuse("not-allowed", "this is not for those who look on")),
  upgrade: async () => refusing(refuse("not-allowed", "this is not for those who look on")),
};
