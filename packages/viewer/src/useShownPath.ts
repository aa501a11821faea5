import { type RefObject, useEffect, useState } from "react";

/** The path that H5Web shows. It tells nobody, but its tree marks the chosen line for those who cannot see it. */
export function useShownPath(frame: RefObject<HTMLElement | null>, initial: string): string {
  const [path, setPath] = useState(initial);
  useEffect(() => {
    const root = frame.current;
    if (root === null) return;
    const look = () => {
      const chosen = root.querySelector('[role="treeitem"][aria-selected="true"]')?.getAttribute("data-path");
      if (chosen) setPath(chosen);
    };
    const watch = new MutationObserver(look);
    watch.observe(root, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeFilter: ["aria-selected"],
    });
    return () => watch.disconnect();
  }, [frame]);
  return path;
}
