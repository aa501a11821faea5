import { type Attempt, nameOf } from "./attempt.ts";
import type { Limits } from "./limits.ts";
import { createLink, type Link } from "./link.ts";

/** The links of this process, by attempt; one that nothing of is open takes no memory. */
export interface Links {
  /** Made when there is none: call it only for a launcher that has shown its key. */
  of(attempt: Attempt): Link;
  find(attempt: Attempt): Link | undefined;
  attempts(): readonly Attempt[];
  cutAll(): void;
}

export function createLinks(limits: Limits): Links {
  const links = new Map<string, { readonly attempt: Attempt; readonly link: Link }>();
  return {
    of: (attempt) => {
      const name = nameOf(attempt);
      const known = links.get(name);
      if (known !== undefined) return known.link;
      const link = createLink(limits, () => links.delete(name));
      links.set(name, { attempt, link });
      return link;
    },
    find: (attempt) => links.get(nameOf(attempt))?.link,
    attempts: () => [...links.values()].map(({ attempt }) => attempt),
    cutAll: () => {
      for (const { link } of links.values()) link.cut();
    },
  };
}
