import { Outlet, useLocation } from "@tanstack/react-router";
import { Landing } from "../pages/landing/Landing.tsx";
import { loginAddress, useMe } from "../portal/me.ts";
import { Frame } from "./Frame.tsx";
import { PortalDown } from "./PortalDown.tsx";
import { ToLogin } from "./ToLogin.tsx";
import { Waiting } from "./Waiting.tsx";

const open = new Set(["/about"]);

/** Who is here decides what is shown: the pages, the welcome, or the way to the log-in and back. */
export function Shell() {
  const me = useMe();
  const path = useLocation({ select: ({ pathname }) => pathname });
  const address = useLocation({ select: ({ href }) => href });
  if (me.data === undefined) return me.isError ? <PortalDown retry={() => void me.refetch()} /> : <Waiting />;
  if (me.data === null && path === "/") return <Landing />;
  if (me.data === null && !open.has(path)) return <ToLogin address={loginAddress(address)} />;
  return (
    <Frame me={me.data}>
      <Outlet />
    </Frame>
  );
}
