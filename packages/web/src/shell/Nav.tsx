import { Link, type LinkProps, useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLiveSessions } from "../portal/sessions.ts";
import classes from "./Header.module.css";

const places = [
  { to: "/", name: "experiments" },
  { to: "/datasets", name: "datasets" },
  { to: "/sessions", name: "sessions" },
  { to: "/environments", name: "environments" },
] as const satisfies readonly { to: LinkProps["to"]; name: string }[];

export function Nav() {
  const { t } = useTranslation();
  const list = useRef<HTMLUListElement>(null);
  const path = useLocation({ select: ({ pathname }) => pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: where one is changes with the path
  useEffect(() => {
    const here = list.current?.querySelector<HTMLElement>("[aria-current=page]");
    if (list.current !== null && here != null) list.current.scrollLeft = here.offsetLeft - 16;
  }, [path]);
  return (
    <nav aria-label={t("nav.label")}>
      <ul ref={list} className={classes.nav}>
        {places.map(({ to, name }) => (
          <li key={to}>
            <Link
              to={to}
              className={classes.navLink}
              activeOptions={{ exact: to === "/", includeSearch: false }}
            >
              {t(`nav.${name}`)}
              {name === "sessions" && <LiveCount />}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function LiveCount() {
  const { t } = useTranslation();
  const own = useLiveSessions().data?.items.filter(({ myAccess }) => myAccess === "owner").length ?? 0;
  if (own === 0) return null;
  return (
    <span className={classes.count}>
      {own} <span className="es-visually-hidden">{t("nav.live")}</span>
    </span>
  );
}
