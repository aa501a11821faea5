import type { AuditEntry, Session } from "@endstation/api";
import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Card } from "../../parts/Card.tsx";
import { Lines, Loaded } from "../../parts/Loaded.tsx";
import { When } from "../../parts/When.tsx";
import { mayDo } from "../../portal/phases.ts";
import { useAudit } from "../../portal/sharing.ts";
import classes from "./Session.module.css";

export function Audit({ session }: { session: Session }) {
  return mayDo("audit", session) ? <AuditCard id={session.id} /> : null;
}

/** What is recorded of who was let in, asked for when somebody wants it. */
export function AuditCard({ id }: { id: string }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  const button = (
    <Button size="xs" variant="default" aria-expanded={shown} onClick={() => setShown(!shown)}>
      {shown ? t("audit.hide") : t("audit.show")}
    </Button>
  );
  return (
    <Card title={t("audit.title")} id="audit" aside={button}>
      {shown ? <Entries id={id} /> : <p className={classes.quiet}>{t("audit.what")}</p>}
    </Card>
  );
}

function Entries({ id }: { id: string }) {
  const { t } = useTranslation();
  const audit = useAudit(id, true);
  return (
    <Loaded query={audit} shape={<Lines count={4} />}>
      {({ pages }) => {
        const entries = pages.flatMap(({ items }) => items);
        if (entries.length === 0) return <p className={classes.quiet}>{t("audit.none")}</p>;
        return (
          <>
            <ol className={classes.shares} aria-labelledby="audit">
              {entries.map((entry) => (
                <Entry key={entry.id} entry={entry} />
              ))}
            </ol>
            {audit.hasNextPage && (
              <Button
                size="xs"
                variant="default"
                loading={audit.isFetchingNextPage}
                onClick={() => void audit.fetchNextPage()}
              >
                {t("common.more")}
              </Button>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation();
  const { account, whom, role, action, at, way, until, reason } = entry;
  const words = { who: account ?? t("audit.portal"), whom: whom ?? "", role: role ?? "" };
  return (
    <li>
      <span className={classes.person}>
        {t(`audit.action.${action}`, words)}
        {reason !== null && <span className={classes.quiet}>: {reason}</span>}
      </span>
      <span className={classes.quiet}>
        {way !== null && `${way} · `}
        <When at={at} />
        {until !== null && (
          <>
            {" · "}
            {t("share.to")} <When at={until} />
          </>
        )}
      </span>
    </li>
  );
}
