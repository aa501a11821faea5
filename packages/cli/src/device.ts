import { type CallAnswer, ProblemError } from "@endstation/api";
import type { Context } from "./context.ts";
import { Failure } from "./failure.ts";
import { openInBrowser } from "./open-browser.ts";
import type { Portal } from "./portal.ts";

export interface Wish {
  readonly name: string;
  readonly scopes?: ("read" | "sessions")[];
  readonly expiresInSeconds?: number;
}

/** Shows a code, and waits until its person has typed it into the portal. */
export async function approval(
  context: Context,
  portal: Portal,
  wish: Wish,
): Promise<{ readonly token: string; readonly account: string }> {
  const begun = await portal.call("beginDevice", { body: wish });
  context.terminal.err(
    `Open ${begun.verificationUrl} in your browser, log in, and enter the code\n\n    ${begun.userCode}\n`,
  );
  openInBrowser(begun.verificationUrl, context.environment);
  for (;;) {
    await context.pause(begun.pollEverySeconds * 1000);
    if (context.interrupted.aborted)
      throw new Failure("interrupted", "the log-in was broken off", "Start it again.", 130);
    const { state, token, account } = await poll(portal, begun.deviceCode);
    if (state === "approved" && token !== null && account !== null) return { token, account };
    if (state === "refused")
      throw new Failure(
        "login-failed",
        "the log-in was refused in the browser",
        "Start it again if that was a mistake.",
      );
    if (state === "expired")
      throw new Failure("login-failed", "nobody approved the log-in in time", "Start it again.");
  }
}

type Polled = CallAnswer<"pollDevice">;

/** A portal that is restarted, or finds the questions too fast, is asked again. */
async function poll(portal: Portal, deviceCode: string): Promise<Polled> {
  try {
    return await portal.call("pollDevice", { body: { deviceCode } });
  } catch (error) {
    const isPassing =
      error instanceof ProblemError
        ? error.problem.status === 429 || error.problem.status === 503
        : error instanceof Failure && error.code === "portal-unreachable";
    if (isPassing) return { state: "waiting", token: null, account: null };
    throw error;
  }
}
