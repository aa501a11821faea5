import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import classes from "./Footer.module.css";

export function Footer() {
  const { t } = useTranslation();
  return (
    <footer className={classes.footer}>
      <div className={classes.row}>
        <span>{t("portal.tagline")}</span>
        <span className={classes.links}>
          <Link to="/about">{t("nav.about")}</Link>
          <a href="/docs">{t("nav.api")}</a>
        </span>
      </div>
    </footer>
  );
}
