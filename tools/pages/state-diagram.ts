import { decide, type SessionKind } from "@endstation/core";
import { walk } from "@endstation/core/testing";

const kinds: readonly SessionKind[] = ["jupyter", "batch"];

/** The session's life as a Mermaid diagram: every change of phase that the walk over all orders of events met. */
export function stateDiagram(): string {
  const causes = new Map<string, Set<string>>();
  for (const kind of kinds)
    walk(decide, kind, undefined, (from, event, to) => {
      if (from === to) return;
      const edge = `${from} --> ${to}`;
      causes.set(edge, (causes.get(edge) ?? new Set()).add(event));
    });
  const edges = [...causes].map(([edge, events]) => `    ${edge}: ${[...events].sort().join(" · ")}`).sort();
  return [
    "stateDiagram-v2",
    "    [*] --> pending",
    ...edges,
    "    stopped --> [*]",
    "    failed --> [*]",
  ].join("\n");
}

const marked = /(<!-- the session's life, made from the code -->\n```mermaid\n)[\s\S]*?(\n```)/;

/** `page` with the diagram of today between its marks. */
export function withStateDiagram(page: string): string {
  if (!marked.test(page)) throw new Error("ARCHITECTURE.md has no place for the state diagram");
  return page.replace(
    marked,
    (_whole, before: string, after: string) => `${before}${stateDiagram()}${after}`,
  );
}
