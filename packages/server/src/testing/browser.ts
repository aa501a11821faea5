/** What came back after all redirects. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Visit {
  readonly method?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** The address at which redirects are followed no further; it is not asked for. */
  readonly stopBefore?: (url: string) => boolean;
}

/** As much of a browser as logging in takes: cookies by host, redirects, `Origin` on what changes something. */
export class Browser {
  readonly #jar = new Map<string, Map<string, string>>();

  async go(address: string, visit: Visit = {}): Promise<Page> {
    let url = address;
    let { method = visit.form === undefined ? "GET" : "POST", form } = visit;
    for (let hop = 0; hop < 20; hop += 1) {
      const response = await fetch(url, this.#request(url, method, form, visit.headers));
      this.#keep(url, response.headers);
      const location = response.headers.get("location");
      if (location === null || response.status < 300 || response.status > 399)
        return { url, status: response.status, headers: response.headers, text: await response.text() };
      await response.body?.cancel();
      url = new URL(location, url).href;
      [method, form] = ["GET", undefined];
      if (visit.stopBefore?.(url))
        return { url, status: response.status, headers: response.headers, text: "" };
    }
    throw new Error(`too many redirects, the last to ${url}`);
  }

  cookies(host: string): ReadonlyMap<string, string> {
    return this.#jar.get(host) ?? new Map();
  }

  setCookie(host: string, name: string, value: string): void {
    this.#jar.set(host, new Map(this.#jar.get(host)).set(name, value));
  }

  #request(url: string, method: string, form: Visit["form"], extra: Visit["headers"]): RequestInit {
    const { host, origin } = new URL(url);
    const headers = new Headers({ accept: "text/html", ...(method === "GET" ? {} : { origin }), ...extra });
    const cookie = [...this.cookies(host)].map(([name, value]) => `${name}=${value}`).join("; ");
    if (cookie !== "") headers.set("cookie", cookie);
    return {
      method,
      headers,
      redirect: "manual",
      ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
    };
  }

  #keep(url: string, headers: Headers): void {
    const { host } = new URL(url);
    const jar = new Map(this.#jar.get(host));
    for (const cookie of headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=;]+)=([^;]*)/.exec(cookie) ?? [];
      if (/expires=Thu, 01 Jan 1970|max-age=0/i.test(cookie) || value === "") jar.delete(name);
      else jar.set(name, value);
    }
    this.#jar.set(host, jar);
  }
}

/** On the development issuer's page: presses the button of an account, or the one that refuses. */
export async function choose(
  browser: Browser,
  page: Page,
  account: string | null,
  visit: Visit = {},
): Promise<Page> {
  const action = /action="([^"]+)\/login"/.exec(page.text)?.[1];
  if (action === undefined)
    throw new Error(`this is not the log-in page but ${page.status} ${page.url}: ${page.text}`);
  const to = new URL(`${action}/${account === null ? "refuse" : "login"}`, page.url).href;
  return browser.go(to, { form: account === null ? {} : { account }, ...visit });
}

/** Logs in to a portal with the development issuer, as a person would; gives a browser that is logged in. */
export async function logIn(portal: string, account: string, browser = new Browser()): Promise<Browser> {
  const page = await browser.go(`${portal}/auth/login?returnTo=/`, {});
  await choose(browser, page, account, { stopBefore: (url) => url === `${portal}/` });
  return browser;
}
