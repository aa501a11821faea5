import {
  encodeMessage,
  kernelProtocol,
} from "../../../packages/server/src/gateway/viewing/jupyter/kernel-messages.ts";
import { executeRequest, request } from "../kernel.ts";
import { frames } from "../lines.ts";
import type { Protocol } from "../protocol.ts";

/** The kernel's channels: what a page says that runs code, asks, interrupts and ends it. */
export const kernel: Protocol = {
  name: "kernel channel",
  line: async ({ reach }, sender) =>
    frames(reach.port, reach.ways[sender], `${reach.kernels[sender]}/channels?session_id=fuzz`, [
      kernelProtocol,
    ]),
  recorded: async () =>
    [
      executeRequest("fuzz", { code: "answer = 43; viewers = 1" }),
      executeRequest("fuzz", { code: "open('by-viewer.txt', 'w').write('x')" }),
      executeRequest("fuzz", { code: "import subprocess; kept = subprocess.Popen(['sleep', '600'])" }),
      executeRequest("fuzz", { code: "del names", silent: true }),
      request("fuzz", "kernel_info_request", {}),
      request("fuzz", "complete_request", { code: "an", cursor_pos: 2 }),
      request("fuzz", "inspect_request", { code: "answer", cursor_pos: 3, detail_level: 0 }),
      request("fuzz", "history_request", { hist_access_type: "tail", n: 10, output: false, raw: true }),
      request("fuzz", "comm_info_request", {}),
      request("fuzz", "comm_open", { comm_id: "c", target_name: "jupyter.widget", data: {} }),
      request("fuzz", "comm_msg", { comm_id: "c", data: { method: "request_state" } }),
      request(
        "fuzz",
        "debug_request",
        { type: "request", seq: 1, command: "attach", arguments: {} },
        "control",
      ),
      request("fuzz", "input_reply", { value: "x" }, "stdin"),
    ].map((message) => ({ kind: "frame", data: encodeMessage(message), isBinary: true }) as const),
};
