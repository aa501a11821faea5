import { words } from "./words.mjs";

const firstPause = 300;
const longestPause = 5_000;
/** Messages are this long at most, so that none breaks the server's limit however it is written. */
const pieceLength = 8_000;

/** Answers of the gateway that stay as they are however often it is asked. */
const final = new Set([
  "session-ended",
  "not-found",
  "not-allowed",
  "right-lost",
  "not-logged-in",
  "wrong-origin",
]);

/**
 * The connection to the shell, made again whenever it breaks, until the session is over. `view` shows what comes;
 * `tell(tone, text)` says how it is; `end(title, next)` that it is over.
 */
export class Line {
  #path;
  #view;
  #tell;
  #end;
  #socket = null;
  #pause = firstPause;
  #goodbye = null;

  constructor(path, view, tell, end) {
    this.#path = path;
    this.#view = view;
    this.#tell = tell;
    this.#end = end;
  }

  open() {
    const socket = new WebSocket(
      `${location.origin.replace(/^http/, "ws")}${this.#path}${this.#view.position()}`,
    );
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    let opened = false;
    socket.addEventListener("open", () => {
      opened = true;
    });
    socket.addEventListener("message", ({ data }) => this.#take(data));
    socket.addEventListener("close", ({ code }) => this.#closed(code, opened));
  }

  /** Sends what was typed. */
  type(text) {
    const whole = text.toWellFormed();
    for (let at = 0; at < whole.length; ) {
      let end = Math.min(at + pieceLength, whole.length);
      if (end < whole.length && /[\ud800-\udbff]/.test(whole[end - 1])) end -= 1;
      this.send({ type: "input", text: whole.slice(at, end) });
      at = end;
    }
  }

  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Comes again at once: more has come than can be shown. */
  restart() {
    this.#pause = 0;
    this.#socket?.close();
  }

  #take(data) {
    if (typeof data !== "string") return this.#view.show(data);
    const message = JSON.parse(data);
    if (message.type === "live") {
      this.#pause = firstPause;
      this.#tell("good", this.#view.isLooking ? words.looking : words.connected);
    }
    if (message.type === "ended") this.#goodbye = [words.shellEnded, words.shellEndedNext];
    this.#view.take(message);
  }

  async #closed(code, opened) {
    this.#view.cut();
    if (this.#goodbye === null && code === 1001 && opened)
      this.#goodbye = [words.stopping, words.stoppingNext];
    if (this.#goodbye === null) this.#goodbye = await this.#reason();
    if (this.#goodbye !== null) {
      this.#tell("bad", words.over);
      return this.#end(...this.#goodbye);
    }
    setTimeout(() => this.open(), this.#pause);
    this.#pause = Math.min(Math.max(this.#pause, firstPause) * 1.6, longestPause);
  }

  /** Why there is no connection, as far as it will stay so; null: it is worth trying again. */
  async #reason() {
    try {
      const answer = await fetch("/status", {
        cache: "no-store",
        headers: { Accept: "application/problem+json" },
      });
      if (answer.ok) {
        this.#tell("busy", words.again);
        return null;
      }
      const { code, title, detail, next } = await answer.json();
      if (final.has(code)) return [`${title}: ${detail}.`, next];
      this.#tell("busy", words.starting);
    } catch {
      this.#tell("busy", words.away);
    }
    return null;
  }
}
