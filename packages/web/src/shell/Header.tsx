import type { Me } from "@endstation/api";
import { Button } from "@mantine/core";
import { Link, useLocation } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { loginAddress } from "../portal/me.ts";
import { AccountMenu } from "./AccountMenu.tsx";
import { Bell } from "./Bell.tsx";
import classes from "./Header.module.css";
import { Logo } from "./Logo.tsx";
import { Nav } from "./Nav.tsx";

export function Header({ me }: { me: Me | null }) {
  const { t } = useTranslation();
  const address = useLocation({ select: ({ href }) => href });
  return (
    <header className={classes.header}>
      <div className={classes.row}>
        <Link to="/" className={classes.brand} aria-label={t("portal.home")}>
          <Logo />
          <span>{t("portal.name")}</span>
        </Link>
        {me === null ? (
          <Button component="a" href={loginAddress(address)} size="sm">
            {t("account.login")}
          </Button>
        ) : (
          <>
            <Nav />
            <div className={classes.own}>
              <Bell />
              <AccountMenu me={me} />
            </div>
          </>
        )}
      </div>
    </header>
  );
}
