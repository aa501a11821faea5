import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { followEvents } from "../portal/events.ts";
import { useSessionNews } from "./useSessionNews.tsx";

/** What goes on beside the pages while somebody is logged in: the event stream, and news of her sessions. */
export function Live() {
  const client = useQueryClient();
  useEffect(() => followEvents(client), [client]);
  const news = useSessionNews();
  return (
    <div role="status" className="es-visually-hidden">
      {news}
    </div>
  );
}
