import { useTranslation } from "react-i18next";
import { Card } from "../../parts/Card.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { AskToJoin } from "../../parts/sharing/AskToJoin.tsx";
import { isStatus } from "../../portal/client.ts";
import { useMe } from "../../portal/me.ts";
import { AuditCard } from "./Audit.tsx";
import classes from "./Session.module.css";

interface NotInsideProps {
  readonly id: string;
  /** She saw its page until now. */
  readonly wasInside: boolean;
  readonly error: unknown;
}

/** A session that she may not look into (any more): that it is so, and how to be let in. */
export function NotInside({ id, wasInside, error }: NotInsideProps) {
  const { t } = useTranslation();
  const mayAsk = isStatus(error, 403);
  const isSupport = useMe().data?.roles.includes("support") === true;
  const ended = (
    <Notice role="alert" tone="note" title={t("here.ended")}>
      {t("here.endedNext")}
    </Notice>
  );
  return (
    <>
      {wasInside ? ended : !mayAsk && <ProblemNotice error={error} />}
      {mayAsk && <AskCard id={id} isSupport={isSupport} />}
      {mayAsk && isSupport && <AuditCard id={id} />}
    </>
  );
}

function AskCard({ id, isSupport }: { id: string; isSupport: boolean }) {
  const { t } = useTranslation();
  const roles = isSupport ? (["support", "viewer"] as const) : (["viewer", "member"] as const);
  return (
    <Card title={t("ask.title")} id="ask">
      <div className={classes.stack}>
        <p className={classes.quiet}>{t("ask.what")}</p>
        <AskToJoin id={id} roles={roles} />
      </div>
    </Card>
  );
}
