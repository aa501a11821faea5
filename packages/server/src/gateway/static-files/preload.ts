import type { Session } from "@endstation/core";
import type { Asked } from "../rules.ts";
import type { StaticFiles } from "./list.ts";

/**
 * JupyterLab's page names one script; what that will load is said with the page, so that the line is not idle until it runs.
 * Null: not a page of JupyterLab, or nothing is known of its environment. It costs a session of another build, whose page
 * then loads other files, what it loads in vain, and changes nothing there.
 */
export function preloadLink(
  files: StaticFiles,
  { method, target, headers }: Asked,
  session: Session,
): string | null {
  const isPage =
    method === "GET" && headers["sec-fetch-dest"] === "document" && /^\/lab(?:[/?]|$)/.test(target);
  const found = isPage ? files.get(session.environment) : undefined;
  const companions = [...(found?.values() ?? [])].flatMap(({ companions }) => companions);
  if (companions.length === 0) return null;
  return companions.map((url) => `<${url}>; rel=preload; as=script`).join(", ");
}
