import { createHash } from "node:crypto";

export interface PageContent {
  readonly title: string;
  readonly detail: string;
  readonly next: string;
  readonly back: { readonly href: string; readonly text: string };
  /** Whether the page looks by itself if things have changed. */
  readonly looksAgain: boolean;
}

const style = `:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;margin:0;min-height:100vh;display:grid;place-items:center;background:#f8f9fa;color:#212529}
main{max-width:34rem;margin:1.5rem;padding:2rem;border-radius:.5rem;background:#fff;border:1px solid #ced4da}
h1{font-size:1.4rem;line-height:1.3;margin:0 0 .75rem}
p{margin:0 0 .75rem}
a{color:#1864ab;font-weight:600}
a:focus-visible{outline:3px solid currentColor;outline-offset:3px}
@media (prefers-color-scheme:dark){body{background:#1a1b1e;color:#e9ecef}main{background:#25262b;border-color:#495057}a{color:#74c0fc}}`;

/** Asks quietly and loads the page anew only when the answer has changed, so that nothing is read out twice. */
const script = `const first=document.documentElement.dataset.code;
setInterval(async()=>{try{const answer=await fetch(location.href,{headers:{accept:"application/problem+json"},cache:"no-store",redirect:"manual"});
if(answer.ok||answer.type==="opaqueredirect"||(await answer.json()).code!==first)location.reload()}catch{}},2000);`;

const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src '${hashOf(style)}'`,
  `script-src '${hashOf(script)}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join("; ");

/** A page for people, with the policy that lets it do what it does and no more. */
export function pageFor(content: PageContent & { readonly code: string }): {
  html: string;
  contentSecurityPolicy: string;
} {
  const { code, title, detail, next, back, looksAgain } = content;
  const html = `<!doctype html>
<html lang="en" data-code="${escaped(code)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p>${escaped(sentence(detail))}</p>
<p${looksAgain ? ' role="status"' : ""}>${escaped(next)}</p>
<p><a href="${escaped(back.href)}">${escaped(back.text)}</a></p>
</main>${looksAgain ? `\n<script>${script}</script>` : ""}
</body>
</html>
`;
  return { html, contentSecurityPolicy };
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    ...{ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" },
    "'": "&#39;",
  };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
