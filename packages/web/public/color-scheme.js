// Before anything is drawn: the colours this person chose, or those of her system.
(() => {
  let chosen = "auto";
  try {
    chosen = localStorage.getItem("endstation-color-scheme") ?? "auto";
  } catch {}
  const isDark =
    chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", isDark ? "dark" : "light");
})();
