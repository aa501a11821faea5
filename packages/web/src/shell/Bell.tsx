import { IconBell } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useUnread } from "../portal/notices.ts";
import classes from "./Header.module.css";

/** To her notices; how many are new stands beside it. */
export function Bell() {
  const { t } = useTranslation();
  const unread = useUnread();
  const label = unread === 0 ? t("notices.title") : t("notices.bell", { count: unread });
  return (
    <Link to="/notices" className={classes.bell} aria-label={label}>
      <IconBell aria-hidden size={20} />
      {unread > 0 && (
        <span aria-hidden className={classes.unread}>
          {unread > 99 ? "99+" : unread}
        </span>
      )}
    </Link>
  );
}
