import type { Me } from "@endstation/api";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Footer } from "./Footer.tsx";
import classes from "./Frame.module.css";
import { Header } from "./Header.tsx";
import { Live } from "./Live.tsx";
import { ReachBanner } from "./ReachBanner.tsx";
import { RequestBanner } from "./RequestBanner.tsx";

/** Head, page and foot; the head's first link skips to the page. */
export function Frame({ me, children }: { me: Me | null; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className={classes.frame}>
      <a href="#main" className={classes.skip}>
        {t("portal.skip")}
      </a>
      <Header me={me} />
      <main id="main" tabIndex={-1} className={classes.main}>
        <ReachBanner />
        {me !== null && <RequestBanner me={me} />}
        {children}
      </main>
      <Footer />
      {me !== null && <Live />}
    </div>
  );
}
