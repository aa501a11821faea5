import { type Client, createClient } from "@endstation/api";

/** A person without a browser: her cookies, and the portal's API by them. */
export interface Person {
  readonly account: string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The portal's API, typed. */
  readonly call: Client;
}

/** Logs in at the development issuer as a browser would: by redirects, cookies and its form. */
export async function logIn(url: string, account: string): Promise<Person> {
  const jar = new Map<string, string>();
  const go = (path: string, init: RequestInit = {}) => follow(url, jar, path, init);
  const page = await (await go("/auth/login?returnTo=/")).text();
  const action = /<form method="post" action="([^"]+\/login)">/.exec(page)?.[1];
  if (action === undefined) throw new Error(`no log-in form: ${page.slice(0, 500)}`);
  await (await go(action, { method: "POST", body: new URLSearchParams({ account }) })).arrayBuffer();
  const answer = await go("/api/v1/me");
  if (answer.status !== 200)
    throw new Error(`logging in as ${account}: ${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
  const fetchAs = (path: string, init: RequestInit = {}) => once(url, jar, path, init);
  const call = createClient({ url, fetch: (input, init) => fetchAs(String(input), init ?? {}) });
  return { account, fetch: fetchAs, call };
}

async function follow(
  url: string,
  jar: Map<string, string>,
  path: string,
  init: RequestInit,
): Promise<Response> {
  let answer = await once(url, jar, path, init);
  for (let hop = 0; hop < 12 && answer.status >= 300 && answer.status < 400; hop += 1) {
    await answer.arrayBuffer();
    answer = await once(url, jar, answer.headers.get("location") ?? "/", {});
  }
  return answer;
}

async function once(
  url: string,
  jar: Map<string, string>,
  path: string,
  init: RequestInit,
): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
  if (init.method !== undefined && init.method !== "GET") headers.set("origin", url);
  const answer = await fetch(new URL(path, url), { ...init, headers, redirect: "manual" });
  for (const line of answer.headers.getSetCookie()) keep(jar, line);
  return answer;
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = "", ...attributes] = line.split(";");
  const [name = "", ...value] = pair.split("=");
  const isOver = attributes.some((attribute) => /^\s*(max-age=0|expires=thu, 01 jan 1970)/i.test(attribute));
  if (isOver) jar.delete(name.trim());
  else jar.set(name.trim(), value.join("="));
}
