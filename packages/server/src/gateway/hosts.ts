import { EndstationError } from "@endstation/core";

/** Whose origin a Host names. `nowhere` is below the sessions' domain but cannot be a session's. */
export type Place =
  | { readonly at: "portal" }
  | { readonly at: "session"; readonly label: string }
  | { readonly at: "nowhere" };

/** The origins of the portal and of the sessions, known from the configuration alone, never from a request. */
export interface Hosts {
  /** As browsers send it in `Origin`. */
  readonly portalOrigin: string;
  place(host: string | undefined): Place;
  originOf(label: string): string;
}

const labelPattern = /^[a-z2-7]{26}$/;
const loopbackPattern = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Sessions live at `<label>.<sessionsDomain>`, by default `<label>.localhost` with the port of a loopback public URL.
 * @throws config-invalid when sessions would have no domain, or cookies that browsers refuse without TLS.
 */
export function hostsOf(publicUrl: string, sessionsDomain?: string): Hosts {
  const portal = new URL(publicUrl);
  const isLoopback = loopbackPattern.test(portal.hostname);
  if (portal.protocol !== "https:" && !isLoopback)
    throw new EndstationError(
      "config-invalid",
      `publicUrl "${publicUrl}": sessions need https beyond localhost`,
    );
  const domain = domainOf(portal, sessionsDomain ?? (isLoopback ? withPort("localhost", portal) : null));
  const suffix = `.${domain}`;
  const [name = ""] = suffix.split(":", 1);
  return {
    portalOrigin: portal.origin,
    originOf: (label) => `${portal.protocol}//${label}${suffix}`,
    place: (given) => {
      const host = (given ?? "").toLowerCase();
      if (host === portal.host) return { at: "portal" };
      if (!host.endsWith(suffix)) return { at: isBelow(host, name) ? "nowhere" : "portal" };
      const label = host.slice(0, -suffix.length);
      return labelPattern.test(label) ? { at: "session", label } : { at: "nowhere" };
    },
  };
}

function withPort(name: string, { port }: URL): string {
  return port === "" ? name : `${name}:${port}`;
}

function domainOf(portal: URL, domain: string | null): string {
  const url = domain === null ? null : URL.parse(`${portal.protocol}//x.${domain}`);
  if (url === null || url.pathname !== "/" || url.host !== `x.${domain?.toLowerCase()}`)
    throw new EndstationError("config-invalid", `sessionsDomain "${domain ?? ""}" is not a domain name`);
  return url.host.slice(2);
}

/** Whether a host is below the sessions' domain, whatever its port or closing dot. */
function isBelow(host: string, name: string): boolean {
  return host.replace(/:\d*$/, "").replace(/\.$/, "").endsWith(name);
}
