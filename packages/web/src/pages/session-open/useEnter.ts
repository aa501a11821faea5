import type { Session } from "@endstation/api";
import { useCallback, useEffect, useRef, useState } from "react";
import { askTicket } from "../../portal/change-session.ts";
import { postForm } from "../../portal/post-form.ts";

type Endpoint = Session["endpoints"][number];

/** Enters a session as soon as it runs, once; `again` tries it anew. `endpoint` null: not at all. */
export function useEnter(session: Session, endpoint: Endpoint | null): { error: unknown; again: () => void } {
  const { id, phase } = session;
  const [error, setError] = useState<unknown>(null);
  const entered = useRef(false);
  const again = useCallback(() => {
    if (endpoint === null) return;
    setError(null);
    enter(id, endpoint).catch(setError);
  }, [id, endpoint]);
  useEffect(() => {
    if (phase !== "running" || entered.current) return;
    entered.current = true;
    again();
  }, [phase, again]);
  return { error, again };
}

/** The ticket lives for seconds and goes in the body. Going back from the session leads to its page, not in again. */
async function enter(id: string, endpoint: Endpoint): Promise<void> {
  const { url, ticket } = await askTicket(id, endpoint);
  History.prototype.replaceState.call(history, history.state, "", `/sessions/${id}`);
  postForm(url, { ticket });
}
