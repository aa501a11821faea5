/** What the page says. */
export const words = {
  connecting: "Connecting …",
  connected: "Connected",
  looking: "Connected, looking on",
  again: "The connection broke. Trying again …",
  away: "The portal does not answer. Trying again; the shell goes on meanwhile.",
  starting: "The session does not answer yet. Trying again …",
  over: "Ended",
  shellEnded: "The shell has ended, and the session with it.",
  shellEndedNext:
    "Your files are kept: those in your home and in /results. What is on the screen can still be read and copied.",
  stopping: "The session is being ended.",
  stoppingNext: "What is on the screen can still be read and copied.",
};

/** Macs have keys of their own for it. */
export function hintsFor(platform, isLooking) {
  const [copy, paste] = /mac|iphone|ipad/i.test(platform) ? ["⌘C", "⌘V"] : ["Ctrl+Shift+C", "Ctrl+Shift+V"];
  const out = "Shift+F6 leaves the terminal, Esc comes back";
  return (isLooking ? [`Copy ${copy}`, out] : [`Copy ${copy}`, `Paste ${paste}`, out]).join(" · ");
}
