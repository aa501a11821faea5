import { refuse } from "@endstation/core";
import { type Frame, refusing, type Viewing } from "../viewing.ts";

/** The page at which the terminal only looks on, and what it fetches; in our words, whatever she wrote behind them. */
const files: readonly string[] = [
  ...["/look", "/status", "/terminal.css", "/xterm.css", "/xterm.mjs", "/addon-fit.mjs"],
  ...["/main.mjs", "/line.mjs", "/view.mjs", "/themes.mjs", "/words.mjs"],
];
const socket = "/shell/look";
/** Which shell her page has shown how much of. It is written anew from its two parts. */
const seen = /^shell=([0-9a-f]{16})&from=(\d{1,18})$/;

/** A viewer sees the screen as it comes. Of what she sends nothing goes on: not a key, not the size of her window. */
export const terminalViewing: Viewing = {
  request: async ({ asked: { method, target } }) => {
    const [path = ""] = target.split("?", 1);
    if (method !== "GET" && method !== "HEAD") return notForViewers;
    if (path === "/") return { does: "answer", answer: toHerPage };
    return files.includes(path) ? { does: "pass", path } : notForViewers;
  },
  upgrade: async ({ asked: { target } }) => {
    const [path, query = ""] = target.split("?", 2);
    if (path !== socket) return notForViewers;
    const [, shell, from] = seen.exec(query) ?? [];
    const inside = shell === undefined ? socket : `${socket}?shell=${shell}&from=${from}`;
    return {
      does: "watch",
      watching: {
        inside: { path: inside },
        fromViewer: () => ({}),
        fromInside: (frame: Frame) => ({ viewer: [frame] }),
      },
    };
  },
};

const notForViewers = refusing(refuse("not-allowed", "you may look on; this is not for those who look on"));

const toHerPage = { status: 303, headers: { Location: "/look", "Cache-Control": "no-store" }, body: "" };
