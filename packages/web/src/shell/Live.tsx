import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { followEvents } from "../portal/events.ts";
import { useRequestNews } from "./useRequestNews.tsx";
import { useSessionNews } from "./useSessionNews.tsx";

/** What goes on beside the pages while somebody is logged in: the event stream, and news of her sessions and requests. */
export function Live() {
  const client = useQueryClient();
  useEffect(() => followEvents(client), [client]);
  const news = useSessionNews();
  const answer = useRequestNews();
  return (
    <div role="status" className="es-visually-hidden">
      {news} {answer}
    </div>
  );
}
