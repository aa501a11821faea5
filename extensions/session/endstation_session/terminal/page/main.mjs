import { Line } from "./line.mjs";
import { View } from "./view.mjs";
import { hintsFor } from "./words.mjs";

const at = (id) => document.getElementById(id);
const isLooking = location.pathname === "/look";

const view = new View(at("terminal"), isLooking, (name) => {
  at("name").textContent = name;
  if (document.title === "Terminal") document.title = `${name} · Terminal`;
});
const line = new Line(isLooking ? "/shell/look" : "/shell/type", view, tell, end);
view.attach(line);
view.onLeave(() => at("smaller").focus());
at("role").hidden = !isLooking;
at("hints").textContent = hintsFor(navigator.platform, isLooking);
wireTools();
line.open();
view.focus();

function tell(tone, text) {
  const status = at("status");
  status.dataset.tone = tone;
  if (status.textContent !== text) status.textContent = text;
}

function end(title, next) {
  at("end-title").textContent = title;
  at("end-next").textContent = next;
  at("end").hidden = false;
  at("end-look").focus();
}

function wireTools() {
  const reader = at("reader");
  const say = () => reader.setAttribute("aria-pressed", String(view.isForReaders));
  at("smaller").addEventListener("click", () => view.enlarge(-1));
  at("larger").addEventListener("click", () => view.enlarge(1));
  reader.addEventListener("click", () => {
    view.isForReaders = !view.isForReaders;
    say();
  });
  say();
  // The gateway's own page says why, and leads back to the portal.
  at("end-look").addEventListener("click", () => location.reload());
  at("tools").addEventListener("keydown", ({ key }) => {
    if (key === "Escape") view.focus();
  });
}
