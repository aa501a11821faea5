import { errorCatalogue, type Notice, type Session, Unavailable } from "@endstation/core";
import { createTransport } from "nodemailer";

export interface MailOptions {
  /** `smtp://` or `smtps://`, with name and password where the server wants them: never to be logged. */
  readonly url: string;
  readonly from: string;
  /** The portal's address, for the link to the session. */
  readonly portal: string;
}

/** Sends notices by e-mail. */
export interface Mailer {
  /** The same notice sent again has the same Message-ID. @throws Unavailable when the server does not take it. */
  send(to: string, session: Session, message: Notice, at: number): Promise<void>;
  close(): void;
}

const answersWithin = 20_000;

export function createMailer({ url, from, portal }: MailOptions): Mailer {
  const patience = { connectionTimeout: answersWithin, socketTimeout: answersWithin };
  const transport = createTransport({ url, ...patience }, { from });
  return {
    send: async (to, session, message, at) => {
      const messageId = `<${session.id}.${message}.${at}@${new URL(portal).hostname}>`;
      try {
        await transport.sendMail({ to, messageId, ...wordsOf(session, message, portal) });
      } catch (error) {
        throw new Unavailable(`the mail server: ${(error as Error).message}`, { cause: error });
      }
    },
    close: () => transport.close(),
  };
}

const happened: Readonly<Record<Notice, string>> = {
  ready: "is ready",
  "expires-soon": "ends soon",
  ended: "has ended",
  failed: "has failed",
  "join-asked": "is asked for by somebody who wants to join",
  "support-let-in": "was entered by the facility's support",
};

/** Plain text; a name of hers cannot become a header of ours. */
function wordsOf(session: Session, message: Notice, portal: string): { subject: string; text: string } {
  const { id, name, cause, expiresAt } = session;
  const title = `${name.replaceAll(/\s+/g, " ")} ${happened[message]}`;
  const why = whyOf(message, { cause, expiresAt });
  const text = [title, "", ...why, "", `${portal}/sessions/${id}`, ""].join("\n");
  return { subject: title, text };
}

function whyOf(message: Notice, { cause, expiresAt }: Pick<Session, "cause" | "expiresAt">): string[] {
  switch (message) {
    case "expires-soon":
      return [`It ends at ${new Date(expiresAt).toUTCString()}.`];
    case "join-asked":
      return ["Who it is stands on its page, where you can answer."];
    case "support-let-in":
      return ["Who it is, and why, stands on its page."];
    default:
      return causeOf(cause);
  }
}

function causeOf(cause: Session["cause"]): string[] {
  if (cause === null) return ["Its files are kept."];
  const [title, next] = errorCatalogue[cause.code];
  return [`${title}: ${cause.detail}`, next];
}
