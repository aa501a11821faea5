window.lookOn = (told) => {
  const make = (name, properties = {}, children = []) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  /* What is said above the page. */
  const choice = make("select", { ariaLabel: "Document", onchange: () => go(choice.value) });
  const text = make("span", { textContent: `a session of ${told.owner}, live. You can change nothing.` });
  const back = make("a", { href: told.portal, textContent: "Back to the portal" });
  const gap = make("div", { className: "look-on-gap" });
  const banner = make("header", { id: "look-on" }, ["View only", text, gap, choice, back]);
  banner.setAttribute("aria-label", "View only");
  const over = make("div", { id: "look-on-over", hidden: true });
  const go = (path) => location.assign(`/doc/tree/${path.split("/").map(encodeURIComponent).join("/")}`);

  function showDocuments(documents) {
    const paths = documents.includes(told.document) ? documents : [told.document, ...documents];
    if (paths.join("\n") === [...choice.options].map(({ value }) => value).join("\n")) return;
    choice.replaceChildren(...paths.map((path) => make("option", { value: path, textContent: path })));
    choice.value = told.document;
  }

  /* Who may look on no longer is told so, where she is. */
  function showEnd({ title, detail, next }) {
    const again = make("a", { href: told.portal, textContent: `“${told.session}” in the portal` });
    const heading = make("h1", { id: "look-on-title", textContent: title });
    const words = `${detail.charAt(0).toUpperCase()}${detail.slice(1)}. ${next}`;
    const box = make("div", {}, [heading, make("p", { textContent: words }), make("p", {}, [again])]);
    over.replaceChildren(box);
    over.setAttribute("role", "alertdialog");
    over.setAttribute("aria-labelledby", heading.id);
    over.hidden = false;
    again.focus();
  }

  let server = null;
  let ended = null;
  async function look() {
    const answer = await fetch("/.viewing/state", {
      cache: "no-store",
      headers: { accept: "application/json" },
    });
    const state = await answer.json();
    if (!answer.ok) {
      if (answer.status >= 500) return;
      if (ended !== state.code) showEnd(state);
      ended = state.code;
      return;
    }
    // Let in again, or the session's server is another one: what this page knows is of no use.
    if (ended !== null || (server !== null && state.server !== null && state.server !== server))
      location.reload();
    server = state.server ?? server;
    showDocuments(state.documents);
  }
  setInterval(() => look().catch(() => {}), 1000);

  /* The page's own editors and commands. That nothing is changed does not rest on this: the gateway lets nothing pass. */
  const allowed =
    /^(documentsearch:|application:activate-|notebook:(move-cursor|extend-marked-cells|copy-cell|toggle-virtual-scrollbar|.*-output-scrolling|(hide|show)-)|apputils:change-theme|codemirror:(find|go-to-line)|markdownviewer:|imageviewer:|csv:go-to-line)/;
  const isAllowed = (id) => allowed.test(id);
  const inEditor = (event) =>
    event.target instanceof Element && event.target.closest(".cm-content, .jp-Cell, .jp-RenderedMarkdown");
  for (const name of ["beforeinput", "paste", "cut", "drop", "dragstart"])
    addEventListener(name, (event) => inEditor(event) && stop(event), true);
  addEventListener("contextmenu", (event) => event.stopPropagation(), true);
  addEventListener(
    "dblclick",
    (event) => event.target instanceof Element && event.target.closest(".jp-MarkdownCell") && stop(event),
    true,
  );
  const stop = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  function lockEditor(editor) {
    editor?.setOption?.("readOnly", true);
    editor?.editor?.contentDOM?.setAttribute("aria-readonly", "true");
  }
  function lock(widget) {
    const content = widget.content;
    if (content === undefined) return;
    for (const cell of content.widgets ?? []) {
      if (cell.readOnly !== true) cell.readOnly = true;
      lockEditor(cell.editor);
    }
    lockEditor(content.editor);
  }

  async function begin(app) {
    const execute = app.commands.execute.bind(app.commands);
    const widgets = () => [...app.shell.widgets("main")];
    const opened = () => widgets().filter(({ context }) => context !== undefined);
    // The page's own commands open the document: they may do so first.
    while (opened().length === 0) await new Promise((done) => setTimeout(done, 50));
    await Promise.all(opened().map(({ context }) => context.ready));
    app.commands.execute = (id, args) => (isAllowed(id) ? execute(id, args) : Promise.resolve());
    setInterval(() => widgets().forEach(lock), 500);
    widgets().forEach(lock);
    document.documentElement.dataset.lookOn = "ready";
  }
  const waiting = setInterval(() => {
    if (window.jupyterapp === undefined) return;
    clearInterval(waiting);
    begin(window.jupyterapp).catch((error) => console.warn(error));
  }, 50);

  addEventListener("DOMContentLoaded", () => {
    document.body.prepend(banner, over);
    look().catch(() => {});
  });
};
