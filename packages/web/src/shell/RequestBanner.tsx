import type { Me } from "@endstation/api";
import { RequestNotice } from "../parts/sharing/RequestNotice.tsx";
import { useRequests } from "../portal/sharing.ts";

/** Whoever asks to join a session of hers is shown on every page until she answers. */
export function RequestBanner({ me }: { me: Me }) {
  const open = (useRequests().data?.items ?? []).filter(
    ({ state, owner }) => state === "open" && owner === me.account,
  );
  return open.map((request) => <RequestNotice key={request.id} request={request} />);
}
