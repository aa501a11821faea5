import type { DevelopmentAccount } from "./config.ts";

const style = `
:root { color-scheme: light dark; --line: light-dark(#c9ced6, #4a4f57); --quiet: light-dark(#4a525e, #b4bac4);
  --paper: light-dark(#ffffff, #1b1d21); --raised: light-dark(#f4f6f9, #25282d); --accent: light-dark(#0b5cad, #7cb8ff); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 44rem; margin: 0 auto; padding: 2rem 1rem 3rem; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
p { margin: 0 0 1rem; color: var(--quiet); }
ul { list-style: none; margin: 1.5rem 0; padding: 0; display: grid; gap: .75rem; }
button { width: 100%; text-align: left; font: inherit; color: inherit; background: var(--raised); cursor: pointer;
  border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; }
button:hover { border-color: var(--accent); }
button:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
button strong { display: block; } button code { color: var(--accent); } button span { color: var(--quiet); }
button.plain { width: auto; } a { color: var(--accent); }
`;

/** The log-in page: every account as a button, with what it may see. */
export function loginPage(accounts: readonly DevelopmentAccount[], action: string): string {
  const items = accounts.map(
    ({ account, name, sees }) => `<li><button name="account" value="${escaped(account)}">
<strong>${escaped(name)} <code>${escaped(account)}</code></strong> <span>${escaped(sees ?? "")}</span></button></li>`,
  );
  return page(
    "Log in for development",
    `<p>Choose who to be. There is no password: this page exists on this machine only, for trying Endstation out, and is
gone as soon as an identity provider is configured.</p>
<form method="post" action="${escaped(action)}/login"><ul>
${items.join("\n")}
</ul></form>
<form method="post" action="${escaped(action)}/refuse"><button class="plain">Do not log in</button></form>`,
  );
}

/** A page that says why it does not go on, and where it does. */
export function failurePage(title: string, detail: string): string {
  return page(title, `<p>${escaped(detail)}</p><p><a href="/">Back to the portal</a></p>`);
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} · Endstation</title><style>${style}</style></head>
<body><main><h1>${escaped(title)}</h1>
${body}
</main></body></html>
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
