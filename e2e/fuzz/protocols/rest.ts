import { headersOf } from "../../../packages/server/src/gateway/testing/shared-document.ts";
import { requests } from "../lines.ts";
import type { Protocol, RequestMessage } from "../protocol.ts";

const content = { type: "file", format: "text", content: "written by the viewer" };

function asked(method: string, path: string, body: unknown = {}): RequestMessage {
  return { kind: "request", method, path, body: JSON.stringify(body) };
}

/** Jupyter's REST: what a page asks that reads, writes, starts and ends things. */
export const rest: Protocol = {
  name: "REST",
  line: async ({ reach }, sender) => requests(reach.port, reach.ways[sender], headersOf(reach.ways[sender])),
  recorded: async ({ reach }) => {
    const kernel = reach.kernels.member;
    const room = reach.room.replace(/^.*\/room\//, "").replace(/\?.*/, "");
    return [
      asked("PUT", "/api/contents/notes.txt", content),
      asked("PUT", "/api/contents/new.txt", content),
      asked("POST", "/api/contents/", { type: "notebook" }),
      asked("POST", "/api/contents/notes.txt/checkpoints"),
      asked("PATCH", "/api/contents/notes.txt", { path: "moved.txt" }),
      asked("GET", "/api/contents/work.ipynb?content=1"),
      asked("GET", "/doc/tree/work.ipynb"),
      asked("GET", "/files/notes.txt"),
      asked("GET", "/lab/api/settings"),
      asked("PUT", "/lab/api/settings/@jupyterlab/apputils-extension:themes", {
        raw: '{"theme":"JupyterLab Dark"}',
      }),
      asked("PUT", "/lab/api/workspaces/default", { data: {}, metadata: { id: "default" } }),
      asked("PUT", "/api/collaboration/session/work.ipynb", { format: "json", type: "notebook" }),
      asked("PUT", "/api/collaboration/session/notes.txt", { format: "text", type: "file" }),
      asked("PUT", `/api/collaboration/undo_redo/${room}?action=undo&steps=1`),
      asked("PUT", `/api/collaboration/fork/${room}`, { synchronize: true, title: "fork" }),
      asked("POST", "/api/sessions", { path: "work.ipynb", type: "notebook", kernel: { name: "python3" } }),
      asked("POST", "/api/kernels", { name: "python3" }),
      asked("POST", `${kernel}/interrupt`),
      asked("POST", "/api/terminals"),
      asked("DELETE", "/api/contents/notes.txt"),
      asked("POST", "/api/shutdown/not-really"),
    ];
  },
};
