import {
  type CallAnswer,
  type CallInput,
  type CallOptions,
  createClient,
  type RouteName,
} from "@endstation/api";
import type { Credentials } from "./credentials.ts";
import { Failure, wrongUse } from "./failure.ts";

/** A portal and how to ask it. */
export interface Portal {
  readonly url: string;
  call<Name extends RouteName>(
    name: Name,
    input?: CallInput<Name>,
    options?: CallOptions,
  ): Promise<CallAnswer<Name>>;
}

/** The address of a portal as one types it: `portal.example.org` is `https://portal.example.org`. */
export function portalAddress(typed: string): string {
  const text = /^[a-z]+:\/\//i.test(typed) ? typed : `${isLocal(typed) ? "http" : "https"}://${typed}`;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw wrongUse(`"${typed}" is not the address of a portal`, "Name it as https://portal.example.org.");
  }
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw wrongUse(`"${typed}" is not a web address`, "Name it as https://portal.example.org.");
  if (url.protocol === "http:" && !isLocal(url.host))
    throw wrongUse(`${url.origin} would send the access token in the clear`, `Use https://${url.host}.`);
  if (url.username !== "" || url.password !== "")
    throw wrongUse("a portal's address has no name or password in it", `Use ${url.origin}.`);
  return url.origin;
}

/** The portal that a command means: `--portal`, `ENDSTATION_URL`, or where one logged in last. */
export function chosenPortal(
  option: string | undefined,
  environment: NodeJS.ProcessEnv,
  known: Credentials,
): string {
  const named = option ?? environment["ENDSTATION_URL"] ?? "";
  const url = named === "" ? known.current : portalAddress(named);
  if (url === null)
    throw wrongUse(
      "no portal is named",
      "Log in with `endstation login URL`, or name it with --portal or ENDSTATION_URL.",
    );
  return url;
}

/** @throws Failure not-logged-in when there is no access token for it. */
export function portalWithToken(url: string, environment: NodeJS.ProcessEnv, known: Credentials): Portal {
  const given = environment["ENDSTATION_TOKEN"] ?? "";
  const token = given === "" ? known.of(url)?.token : given;
  if (token === undefined)
    throw new Failure(
      "not-logged-in",
      `you are not logged in at ${url}`,
      `Log in with \`endstation login ${url}\`, or set ENDSTATION_TOKEN.`,
    );
  return portalAt(url, token);
}

export function portalAt(url: string, token?: string): Portal {
  const call = createClient({ url, ...(token === undefined ? {} : { token }) });
  return {
    url,
    call: async (name, input, options) => {
      try {
        return await call(name, input, options);
      } catch (error) {
        throw unreachable(url, error);
      }
    },
  };
}

/** What `fetch` throws when there is nobody: said in words; everything else as it is. */
function unreachable(url: string, error: unknown): unknown {
  if (!(error instanceof TypeError) || error.message !== "fetch failed") return error;
  const cause = error.cause as { code?: string; message?: string } | undefined;
  return new Failure(
    "portal-unreachable",
    `${url} cannot be reached (${cause?.code ?? cause?.message ?? "no answer"})`,
    "Check the address and that the portal runs.",
  );
}

function isLocal(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?(\/|$)/i.test(host);
}
