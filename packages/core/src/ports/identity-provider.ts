import type { FacilityRole } from "../identity/principal.ts";
import type { CancelSignal } from "./cancel-signal.ts";

/** What an identity provider says of a person after a log-in: `issuer` and `subject` together are hers for ever. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  readonly account: string;
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly FacilityRole[];
}

/** A log-in begun: where the browser goes, and what must be kept (server-side) to complete it. */
export interface LoginBegun {
  readonly redirectTo: string;
  readonly state: string;
  readonly kept: Readonly<Record<string, string>>;
}

/** Who vouches for people. Throws `Unavailable` (cannot be asked) or `Rejected` with code `login-failed`. */
export interface IdentityProvider {
  begin(callbackUrl: string, signal: CancelSignal): Promise<LoginBegun>;
  /** `callbackUrl` is the full address the browser came back to; `kept` is what `begin` gave. */
  complete(
    callbackUrl: string,
    kept: Readonly<Record<string, string>>,
    signal: CancelSignal,
  ): Promise<Identity>;
  /** Where to send the browser to end the log-in at the provider too; null when it has no such page. */
  end?(returnTo: string): Promise<string | null>;
}
