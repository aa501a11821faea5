import type { Notice } from "@endstation/api";
import {
  IconAlertTriangle,
  IconClockHour4,
  IconLifebuoy,
  IconPlayerStop,
  IconUserQuestion,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Chip } from "../../parts/Chip.tsx";
import { reasonText } from "../../parts/session/names.ts";
import { When } from "../../parts/When.tsx";
import classes from "./Notices.module.css";

const looks = {
  "expires-soon": { tone: "busy", Icon: IconClockHour4 },
  ended: { tone: "quiet", Icon: IconPlayerStop },
  failed: { tone: "bad", Icon: IconAlertTriangle },
  "join-asked": { tone: "note", Icon: IconUserQuestion },
  "support-let-in": { tone: "note", Icon: IconLifebuoy },
} as const;

/** One notice: which session, what of it, when. */
export function NoticeRow({ notice }: { notice: Notice }) {
  const { t } = useTranslation();
  const { message, session, at, read } = notice;
  const { tone, Icon } = looks[message];
  return (
    <article className={`${classes.row} ${read ? "" : classes.unread}`}>
      <p className={classes.what}>
        <Link to="/sessions/$id" params={{ id: session.id }}>
          {session.name}
        </Link>
        {!read && <span className={classes.new}>{t("notices.new")}</span>}
      </p>
      <p className={classes.chips}>
        <Chip tone={tone} icon={<Icon size={14} />}>
          {t(`notices.message.${message}`)}
        </Chip>
        <span className={classes.quiet}>
          <When at={at} as="relative" />
        </span>
      </p>
      {(message === "ended" || message === "failed") && (
        <p className={classes.quiet}>{session.cause?.title ?? reasonText(t, session.reason)}</p>
      )}
    </article>
  );
}
