import { randomUUID } from "node:crypto";
import type { Frame, Sends, Watching } from "../viewing.ts";
import { decodeMessage, encodeMessage, type KernelMessage, kernelProtocol } from "./kernel-messages.ts";

/**
 * A kernel that the gateway plays for viewers: it says what it is, is always idle and runs nothing. What the real one puts
 * out reaches them in the document.
 */
export function playedKernel(language: Readonly<Record<string, unknown>>): Watching {
  const session = randomUUID();
  const message = (to: KernelMessage, channel: string, type: string, content: object): Frame => ({
    data: encodeMessage({
      channel,
      header: headerOf(session, type),
      parent: to.header,
      content: { ...content },
    }),
    isBinary: true,
  });
  return {
    inside: null,
    protocol: kernelProtocol,
    fromViewer: ({ data, isBinary }): Sends => {
      const asked = isBinary ? decodeMessage(data) : null;
      const type = asked?.header["msg_type"];
      if (asked === null || typeof type !== "string" || !type.endsWith("_request")) return {};
      const reply = type.replace(/_request$/, "_reply");
      const state = (execution_state: string) => message(asked, "iopub", "status", { execution_state });
      const answer = message(asked, asked.channel, reply, answers[type]?.(language) ?? notHere);
      return { viewer: [state("busy"), answer, state("idle")] };
    },
  };
}

function headerOf(session: string, msg_type: string) {
  const date = new Date().toISOString();
  return { msg_id: randomUUID(), session, msg_type, username: "", date, version: "5.3" };
}

/** In the kernel protocol's own words. */
const notHere = {
  ...{ status: "error", ename: "ViewOnly", evalue: "You are looking on: nothing is run.", traceback: [] },
  execution_count: 0,
};

const answers: Readonly<Record<string, (language: Readonly<Record<string, unknown>>) => object>> = {
  kernel_info_request: (language_info) => ({
    ...{ status: "ok", protocol_version: "5.3", implementation: "view-only", implementation_version: "1" },
    ...{ language_info, banner: "", help_links: [], debugger: false, supported_features: [] },
  }),
  comm_info_request: () => ({ status: "ok", comms: {} }),
  history_request: () => ({ status: "ok", history: [] }),
  is_complete_request: () => ({ status: "unknown" }),
  complete_request: () => ({ status: "ok", matches: [], cursor_start: 0, cursor_end: 0, metadata: {} }),
  inspect_request: () => ({ status: "ok", found: false, data: {}, metadata: {} }),
};
