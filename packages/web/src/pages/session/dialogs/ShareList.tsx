import type { Session, Share } from "@endstation/api";
import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "../../../parts/ProblemNotice.tsx";
import { When } from "../../../parts/When.tsx";
import { useUnshare } from "../../../portal/sharing.ts";
import { HandOver } from "../HandOver.tsx";
import classes from "../Session.module.css";

export function ShareList({ session, shares }: { session: Session; shares: readonly Share[] }) {
  const { t } = useTranslation();
  const unshare = useUnshare(session.id);
  if (shares.length === 0) return <p className={classes.quiet}>{t("share.nobody")}</p>;
  return (
    <>
      {unshare.isError && <ProblemNotice error={unshare.error} />}
      <ul className={classes.shares}>
        {shares.map((share) => (
          <li key={share.account}>
            <span className={classes.person}>
              {share.name}
              <span className={classes.quiet}> ({share.account})</span>
            </span>
            <span className={classes.quiet}>
              {t(`share.role.${share.as}`)}
              {share.link !== null && ` · ${t("share.byLink")}`}
              {share.until !== null && (
                <>
                  {" · "}
                  {t("share.to")} <When at={share.until} />
                </>
              )}
            </span>
            <HandOver id={session.id} person={{ ...share, role: share.as }} />
            <Button
              size="compact-sm"
              variant="default"
              loading={unshare.isPending && unshare.variables === share.account}
              aria-label={t("share.removeName", { name: share.name })}
              onClick={() => unshare.mutate(share.account)}
            >
              {t("share.remove")}
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}
