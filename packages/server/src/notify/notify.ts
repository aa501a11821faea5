import type { Clock, Instant, Notice, NoticeStore, Session } from "@endstation/core";
import type { Mailer } from "./mail.ts";

export interface NotifyDeps {
  readonly notices: Pick<NoticeStore, "tell" | "isMailed" | "markMailed">;
  readonly clock: Clock;
  /** Null: nothing goes out by e-mail. */
  readonly mail: Mailer | null;
  /** Where somebody reads her mail; null: not known. */
  addressOf(account: string): Promise<string | null>;
}

/** Of what owners are told: that it runs they see, and what they stopped themselves they know. */
export function isNews({ reason }: Pick<Session, "reason">, message: Notice): boolean {
  return message !== "ready" && !(message === "ended" && reason === "user");
}

/** Tells the owner, once however often it is asked to: in the portal, and by e-mail where that is set up. */
export function notifyWith(deps: NotifyDeps) {
  return async (session: Session, message: Notice, happenedAt?: Instant): Promise<void> => {
    if (!isNews(session, message)) return;
    const at = happenedAt ?? momentOf(session, message, deps.clock);
    await deps.notices.tell(session, message, at);
    await sendMail(deps, session, message, at);
  };
}

/** Noted after it was sent: killed in between, it is sent again as the same message. */
async function sendMail(deps: NotifyDeps, session: Session, message: Notice, at: number): Promise<void> {
  const { mail, notices } = deps;
  if (mail === null || (await notices.isMailed(session, message, at))) return;
  const address = await deps.addressOf(session.owner);
  if (address === null) return;
  await mail.send(address, session, message, at);
  await notices.markMailed(session, message, at);
}

/** When it happened: what tells a second warning from the first told again. */
function momentOf({ warnedAt, endedAt }: Session, message: Notice, clock: Clock): number {
  return (message === "expires-soon" ? warnedAt : endedAt) ?? clock.now();
}
