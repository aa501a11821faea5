import { type CancelSignal, Rejected, Unavailable } from "@endstation/core";
import * as oidc from "openid-client";

/** What the client needs of the configuration, with the secret read. */
export interface ClientOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
}

export interface IssuerClient {
  /** The issuer's discovery document and our client; asked for once it is needed, kept once it was had. */
  configuration(): Promise<oidc.Configuration>;
}

const timeoutSeconds = 15;
/** Keys and endpoints change rarely; a new look now and then finds them. */
const rediscoverMs = 6 * 3_600_000;

export function createIssuerClient(options: ClientOptions): IssuerClient {
  let found: { readonly at: number; readonly configuration: Promise<oidc.Configuration> } | null = null;
  return {
    configuration: () => {
      if (found !== null && performance.now() - found.at < rediscoverMs) return found.configuration;
      const configuration = discover(options);
      const attempt = { at: performance.now(), configuration };
      configuration.catch(() => {
        if (found === attempt) found = null;
      });
      found = attempt;
      return configuration;
    },
  };
}

function discover({ issuer, clientId, clientSecret }: ClientOptions): Promise<oidc.Configuration> {
  const isPlain = new URL(issuer).protocol === "http:";
  // An ID token's signature is checked even though it comes straight from the issuer.
  const checks = [oidc.enableNonRepudiationChecks, ...(isPlain ? [oidc.allowInsecureRequests] : [])];
  return oidc.discovery(
    new URL(issuer),
    clientId,
    { [oidc.clockTolerance]: 30 },
    clientSecret === null ? oidc.None() : oidc.ClientSecretBasic(clientSecret),
    { timeout: timeoutSeconds, execute: checks },
  );
}

/** Runs a call to the issuer until it ends or is called off, and tells an outage from a refusal. */
export async function asking<Answer>(
  what: string,
  signal: CancelSignal,
  call: () => Promise<Answer>,
): Promise<Answer> {
  if (signal.aborted) throw new Unavailable(`${what} was called off`);
  let callOff = () => {};
  const calledOff = new Promise<never>((_resolve, reject) => {
    callOff = () => reject(new Unavailable(`${what} was called off`));
    signal.addEventListener("abort", callOff);
  });
  try {
    return await Promise.race([call(), calledOff]);
  } catch (error) {
    throw translated(what, error);
  } finally {
    signal.removeEventListener("abort", callOff);
  }
}

/** Codes of openid-client that say "the answer is not what it should be", by the part of the exchange they are about. */
function translated(what: string, error: unknown): Error {
  if (error instanceof Unavailable || error instanceof Rejected) return error;
  if (error instanceof oidc.AuthorizationResponseError)
    return new Rejected("login-failed", `the identity provider answered "${printable(error.error)}"`);
  if (error instanceof oidc.ResponseBodyError && error.status < 500 && error.status !== 429)
    return new Rejected(
      "login-failed",
      `the identity provider refused the code ("${printable(error.error)}")`,
    );
  if (isOutage(error))
    return new Unavailable(`${what}: the identity provider cannot be reached`, { cause: error });
  return new Rejected("login-failed", `${what}: the identity provider's answer does not fit this log-in`);
}

const outageCodes = new Set([
  "OAUTH_TIMEOUT",
  "OAUTH_ABORT",
  "OAUTH_RESPONSE_IS_NOT_CONFORM",
  "OAUTH_RESPONSE_IS_NOT_JSON",
]);

function isOutage(error: unknown): boolean {
  if (error instanceof oidc.ResponseBodyError) return true;
  if (error instanceof TypeError && error.message === "fetch failed") return true;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return outageCodes.has(code);
}

function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "").slice(0, 100);
}
