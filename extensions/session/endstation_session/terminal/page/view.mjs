import { FitAddon } from "./addon-fit.mjs";
import { darkTheme, lightTheme } from "./themes.mjs";
import { Terminal } from "./xterm.mjs";

/** More than that unshown, and it is quicker to come again. The server holds back for who types; who looks on cannot say. */
const mostWaiting = 4 * 1024 * 1024;
/** What a terminal says by itself when it is asked by a program: cursor, colours, what it is. */
const report = /^(\[[?>=]?[\d;]*(\$y|[cnRy])|\]\d+;|P)/;
const letters = { key: "letters", usual: 14, least: 8, most: 32 };

/** The terminal on the page: shows what comes in the order in which it came, and says what is typed. */
export class View {
  isLooking;
  #terminal;
  #fit = new FitAddon();
  #line = null;
  #name;
  #shell = null;
  #offset = 0;
  #waiting = 0;
  #queue = Promise.resolve();
  #isLive = false;
  #size = { columns: 0, rows: 0 };
  #isMine = false;

  constructor(host, isLooking, name) {
    this.isLooking = isLooking;
    this.#name = name;
    const dark = matchMedia("(prefers-color-scheme: dark)");
    this.#terminal = new Terminal({
      disableStdin: isLooking,
      fontFamily: "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace",
      fontSize: Number(localStorage.getItem(letters.key)) || letters.usual,
      // Less, and underscores are cut off.
      lineHeight: 1.15,
      minimumContrastRatio: 4.5,
      scrollback: 20_000,
      screenReaderMode: localStorage.getItem("reader") === "yes",
      theme: dark.matches ? darkTheme : lightTheme,
    });
    dark.addEventListener("change", ({ matches }) => {
      this.#terminal.options.theme = matches ? darkTheme : lightTheme;
    });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.open(host);
    this.#listen(host);
  }

  /** From here on what is typed goes there. */
  attach(line) {
    this.#line = line;
  }

  /** What it has shown of which shell, for a connection that goes on from there. */
  position() {
    return this.#shell === null ? "" : `?shell=${this.#shell}&from=${this.#offset}`;
  }

  show(data) {
    this.#waiting += data.byteLength;
    this.#next(() => {
      this.#terminal.write(new Uint8Array(data), () => {
        this.#waiting -= data.byteLength;
        this.#offset += data.byteLength;
        if (!this.isLooking) this.#line.send({ type: "shown", offset: this.#offset });
      });
    });
    if (this.#waiting > mostWaiting) this.#line.restart();
  }

  take(message) {
    this.#next(async () => {
      await this.#shown();
      this.#obey(message);
    });
  }

  /** The connection is gone; what came before is shown still. */
  cut() {
    this.#next(async () => {
      await this.#shown();
      this.#isLive = false;
    });
  }

  focus() {
    this.#terminal.focus();
  }

  onLeave(leave) {
    this.#terminal.attachCustomKeyEventHandler((event) => this.#isForTerminal(event, leave));
  }

  enlarge(by) {
    const size = Math.min(Math.max(this.#terminal.options.fontSize + by, letters.least), letters.most);
    this.#terminal.options.fontSize = size;
    localStorage.setItem(letters.key, String(size));
    this.#claim();
  }

  get isForReaders() {
    return this.#terminal.options.screenReaderMode;
  }

  set isForReaders(wanted) {
    this.#terminal.options.screenReaderMode = wanted;
    localStorage.setItem("reader", wanted ? "yes" : "no");
  }

  /** One after another. */
  #next(act) {
    this.#queue = this.#queue.then(act);
  }

  /** When all that was written has been shown. */
  #shown() {
    return new Promise((shown) => this.#terminal.write("", shown));
  }

  #obey(message) {
    if (message.type === "start") {
      if (message.fresh) this.#terminal.reset();
      this.#shell = message.shell;
      this.#offset = message.offset;
      this.#name(message.session);
    }
    if ("columns" in message) {
      this.#size = { columns: message.columns, rows: message.rows };
      this.#terminal.resize(message.columns, message.rows);
    }
    if (message.type === "live") {
      this.#isLive = true;
      this.#claim();
    }
  }

  #listen(host) {
    const terminal = this.#terminal;
    terminal.onTitleChange((title) => {
      document.title = title === "" ? "Terminal" : title;
    });
    new ResizeObserver(() => {
      if (this.#isMine || document.hasFocus()) this.#claim();
    }).observe(host);
    if (this.isLooking) return;
    terminal.onData((text) => {
      if (isReport(text) ? this.#isLive : this.#claim()) this.#line.type(text);
    });
    terminal.onBinary((data) => this.#line.send({ type: "bytes", base64: btoa(data) }));
    addEventListener("focus", () => this.#claim());
  }

  /** The window's size is that of the page which somebody uses. True, always. */
  #claim() {
    const fitting = this.#fit.proposeDimensions();
    if (this.isLooking || !this.#isLive || fitting === undefined || !(fitting.cols > 1 && fitting.rows > 1))
      return true;
    const { columns, rows } = this.#size;
    this.#isMine = true;
    if (fitting.cols !== columns || fitting.rows !== rows)
      this.#line.send({ type: "size", columns: fitting.cols, rows: fitting.rows });
    return true;
  }

  #isForTerminal(event, leave) {
    const { type, key, code, ctrlKey, shiftKey } = event;
    if (type !== "keydown") return true;
    if (key === "F6" && shiftKey) return done(event, leave);
    if ((ctrlKey && shiftKey && code === "KeyC") || (ctrlKey && key === "Insert"))
      return done(event, () => this.#copy());
    // The browser pastes by itself.
    return !(ctrlKey && shiftKey && code === "KeyV");
  }

  #copy() {
    const text = this.#terminal.getSelection();
    if (text !== "") void navigator.clipboard.writeText(text);
  }
}

function isReport(text) {
  return text.startsWith("\u001b") && report.test(text.slice(1));
}

function done(event, act) {
  event.preventDefault();
  act();
  return false;
}
