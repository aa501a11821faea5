import type { EndpointKind } from "@endstation/core";
import { jupyterViewing } from "./jupyter/viewing.ts";
import { terminalViewing } from "./terminal/viewing.ts";
import type { Viewing } from "./viewing.ts";

/** The kinds of endpoint that can be looked at; one without a rule refuses viewers. */
export const viewings: Readonly<Partial<Record<EndpointKind, Viewing>>> = {
  jupyter: jupyterViewing,
  terminal: terminalViewing,
};
