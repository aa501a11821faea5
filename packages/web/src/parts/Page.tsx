import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Page.module.css";

interface PageProps {
  readonly title: string;
  /** Above the title: where one is. */
  readonly above?: ReactNode;
  /** Beside the title: what can be done here. */
  readonly actions?: ReactNode;
  readonly lead?: ReactNode;
  readonly children: ReactNode;
  readonly narrow?: boolean;
}

let arrivals = 0;

/** A page with its title; whoever comes from another page hears and sees it first. */
export function Page({ title, above, actions, lead, children, narrow = false }: PageProps) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = t("portal.pageTitle", { page: title });
  }, [title, t]);
  useEffect(() => {
    arrivals += 1;
    if (arrivals > 1) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className={narrow ? classes.narrow : classes.page}>
      <header className={classes.head}>
        {above !== undefined && <div className={classes.above}>{above}</div>}
        <div className={classes.titleRow}>
          <h1 ref={heading} tabIndex={-1} className={classes.title}>
            {title}
          </h1>
          {actions !== undefined && <div className={classes.actions}>{actions}</div>}
        </div>
        {lead !== undefined && <div className={classes.lead}>{lead}</div>}
      </header>
      {children}
    </div>
  );
}
