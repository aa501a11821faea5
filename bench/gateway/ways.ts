/** How requests come through a proxy: the host they ask for, and what else a browser inside a session's page says. */
export interface Way {
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What JupyterLab's page makes Chromium send with each request for its API; the same to every proxy. */
export function wayTo(host: string, origin: string, cookie: string): Way {
  return {
    host,
    headers: {
      "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0",
      Accept: "*/*",
      "Accept-Encoding": "gzip, deflate, br, zstd",
      "Accept-Language": "en-GB,en;q=0.9",
      Cookie: cookie,
      Origin: origin,
      Referer: `${origin}/lab/tree/notebook.ipynb`,
      "Sec-Fetch-Dest": "empty",
      "Sec-Fetch-Mode": "cors",
      "Sec-Fetch-Site": "same-origin",
    },
  };
}

/** For those that do not ask who is there; as many bytes as ours are. */
export function openWay(port: number): Way {
  const host = `${"a".repeat(26)}.localhost:${port}`;
  return wayTo(host, `http://${host}`, `__Host-endstation-visit=${"A".repeat(43)}`);
}
