/**
 * A link's secret stands behind the `#` of `/join`, where no server sees it. It is taken out of the address before anything
 * else happens, and waits in this tab alone until it is posted: also across a log-in, whose address must not carry it.
 */
const place = "endstation-link";

export function takeLinkSecret(): void {
  if (location.pathname !== "/join" || location.hash.length < 2) return;
  sessionStorage.setItem(place, location.hash.slice(1));
  history.replaceState(null, "", "/join");
}

export function linkSecret(): string | null {
  return sessionStorage.getItem(place);
}

export function forgetLinkSecret(): void {
  sessionStorage.removeItem(place);
}
