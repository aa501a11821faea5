import type { Session } from "@endstation/api";
import { Loader } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconCircle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatClock, formatExact, formatSpan } from "../../i18n/format.ts";
import { isMoving } from "../../portal/phases.ts";
import { useNow } from "../useNow.ts";
import { stageName } from "./names.ts";
import classes from "./Timeline.module.css";
import { type TimelineItem, timelineOf } from "./timeline.ts";

/** Each stage of a session's life as it happens, with its moment and how long it took. */
export function Timeline({ session }: { session: Session }) {
  const { t } = useTranslation();
  const now = useNow(isMoving(session) ? 250 : session.endedAt === null ? 10_000 : null);
  const items = timelineOf(session, now);
  return (
    <ol className={classes.timeline} aria-label={t("session.timeline")}>
      {items.map((item) => (
        <Stage key={`${item.name} ${item.at}`} item={item} kind={session.endpoints[0] ?? null} />
      ))}
    </ol>
  );
}

function Stage({ item, kind }: { item: TimelineItem; kind: Session["endpoints"][number] | null }) {
  const { t } = useTranslation();
  return (
    <li className={`${classes.stage} ${classes[item.state]} ${aside.has(item.name) ? classes.aside : ""}`}>
      <span aria-hidden className={classes.mark}>
        <Mark item={item} />
      </span>
      <span className={classes.name}>
        {stageName(t, item.name, kind)}
        <span className="es-visually-hidden">, {t(`stageState.${item.state}`)}</span>
      </span>
      <span className={classes.time}>
        {item.at !== null && (
          <time dateTime={item.at} title={formatExact(item.at)}>
            {formatClock(item.at)}
          </time>
        )}
      </span>
      <span className={classes.took}>{item.took === null ? "" : formatSpan(item.took)}</span>
    </li>
  );
}

/** Not a step on the way up. */
const aside = new Set(["queued", "warned", "suspended", "stopping", "ended"]);
const resting = new Set(["answering", "resumed", "warned", "suspended"]);

function Mark({ item }: { item: TimelineItem }) {
  if (item.state === "failed") return <IconAlertTriangle size={16} />;
  if (item.state === "ahead") return <IconCircle size={14} />;
  if (item.state === "current" && !resting.has(item.name)) return <Loader size={16} color="currentColor" />;
  return <IconCheck size={16} />;
}
