import { EndstationError } from "@endstation/core";
import { type Config, listenAddresses } from "./config.ts";
import { isLoopbackHost, isLoopbackUrl } from "./loopback.ts";

/**
 * What is for development only (the development issuer, sessions without isolation, the moved clock) is refused as soon
 * as anything shows that people other than the one at this machine could come.
 * @throws `development-only` naming every reason.
 */
export function demandDevelopment(config: Config, what: string): void {
  const reasons = whyNotDevelopment(config);
  if (reasons.length === 0) return;
  throw new EndstationError("development-only", `${what} cannot be used: ${reasons.join("; ")}`);
}

/** The guard of the development issuer: passes where a real one is configured. @throws `development-only` */
export function developmentGuard(config: Config): void {
  if (config.identity !== null) return;
  const reasons = whyNotDevelopment(config);
  if (reasons.length === 0) return;
  throw new EndstationError(
    "development-only",
    `no identity provider is configured, and the development issuer cannot be used: ${reasons.join("; ")}`,
    { next: "Configure an identity provider (identity), or listen on the loopback address only." },
  );
}

function whyNotDevelopment(config: Config): string[] {
  const reasons: string[] = [];
  if (config.identity !== null) reasons.push("an identity provider is configured");
  const open = listenAddresses(config).filter((host) => !isLoopbackHost(host));
  if (open.length > 0) reasons.push(`the listen address ${open.join(", ")} is not a loopback address`);
  if (!isLoopbackUrl(config.publicUrl))
    reasons.push(`the public URL ${config.publicUrl} is not on this machine`);
  if (config.trustedProxies.length > 0) reasons.push("trusted proxies are configured");
  return reasons;
}
