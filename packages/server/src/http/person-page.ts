import type { Problem } from "@endstation/api";

const style = `:root { color-scheme: light dark; } body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 40rem; margin: 0 auto; padding: 3rem 1rem; } h1 { font-size: 1.5rem; }
a { color: light-dark(#0b5cad, #7cb8ff); } a:focus-visible { outline: 3px solid; outline-offset: 2px; }`;

/** A problem as a page, for somebody whose browser was sent here: what happened, and one way on. */
export function problemPage(
  { title, detail, next, code }: Problem,
  wayOn: { href: string; text: string },
): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} · Endstation</title><style>${style}</style></head>
<body><main><h1>${escaped(title)}</h1><p>${escaped(detail)}.</p><p>${escaped(next)}</p>
<p><a href="${escaped(wayOn.href)}">${escaped(wayOn.text)}</a></p><p><small>${escaped(code)}</small></p></main></body></html>
`;
}

function escaped(text: string): string {
  const names: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replaceAll(/[&<>"']/g, (character) => names[character] as string);
}
