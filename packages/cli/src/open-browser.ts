import { spawn } from "node:child_process";

/** Tries to show an address in the person's browser. Where there is none, the address that was printed has to do. */
export function openInBrowser(url: string, environment: NodeJS.ProcessEnv): boolean {
  const program = openerFor(environment);
  if (program === null) return false;
  const child = spawn(program, [url], { stdio: "ignore", detached: true });
  child.on("error", () => {});
  child.unref();
  return true;
}

function openerFor(environment: NodeJS.ProcessEnv): string | null {
  const named = environment["BROWSER"] ?? "";
  if (/^[\w./-]+$/.test(named)) return named === "none" ? null : named;
  if (process.platform === "darwin") return "open";
  const hasScreen = (environment["DISPLAY"] ?? environment["WAYLAND_DISPLAY"] ?? "") !== "";
  return process.platform === "linux" && hasScreen ? "xdg-open" : null;
}
