import type { Session, SessionRequest } from "@endstation/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { call } from "./client.ts";
import { keys } from "./keys.ts";

/** Starts a session. Asking again after a lost answer gives the same session, not a second one. */
export function useStartSession() {
  const remember = useRemember();
  const attempt = useRef({ request: "", key: "" });
  return useMutation({
    mutationFn: (body: SessionRequest) => {
      const request = JSON.stringify(body);
      if (attempt.current.request !== request) attempt.current = { request, key: crypto.randomUUID() };
      return call("startSession", { body }, { idempotencyKey: attempt.current.key });
    },
    onSuccess: (session) => {
      attempt.current = { request: "", key: "" };
      remember(session);
    },
  });
}

export function useStopSession() {
  const remember = useRemember();
  return useMutation({
    mutationFn: ({ id, array }: { id: string; array: boolean }) =>
      call("stopSession", array ? { id, array: "true" } : { id }),
    onSuccess: remember,
  });
}

export function useExtendSession(id: string) {
  const remember = useRemember();
  return useMutation({
    mutationFn: (hours: number) => call("extendSession", { id, body: { hours } }),
    onSuccess: remember,
  });
}

export function useRenameSession(id: string) {
  const remember = useRemember();
  return useMutation({
    mutationFn: (name: string) => call("renameSession", { id, body: { name } }),
    onSuccess: remember,
  });
}

/** A one-use ticket: asked for and posted at once, never kept. */
export function askTicket(id: string, endpoint: Session["endpoints"][number]) {
  return call("openSession", { id, body: { endpoint } });
}

function useRemember() {
  const client = useQueryClient();
  return (session: Session) => {
    client.setQueryData(keys.session(session.id), session);
    void client.invalidateQueries({ queryKey: keys.sessionLists });
    void client.invalidateQueries({ queryKey: keys.usage });
  };
}
