import { useTranslation } from "react-i18next";
import { Notice } from "../../../parts/Notice.tsx";
import { OpenButton } from "../../../parts/session/OpenButton.tsx";
import classes from "../../../parts/start/Start.module.css";
import { useLiveSessions } from "../../../portal/sessions.ts";

/** A session of hers that has this dataset already: mostly that is what she wants. */
export function AlreadyRunning({ dataset }: { dataset: string }) {
  const { t } = useTranslation();
  const live = useLiveSessions().data?.items ?? [];
  const own = live.find(({ myAccess, datasets }) => myAccess === "owner" && datasets.includes(dataset));
  if (own === undefined) return null;
  return (
    <div className={classes.already}>
      <Notice tone="good" title={t("analyse.already")} actions={<OpenButton session={own} size="xs" />}>
        <a href={`/sessions/${own.id}`}>{own.name}</a>
      </Notice>
    </div>
  );
}
