import type { Session } from "@endstation/api";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Empty } from "../../parts/Empty.tsx";
import { Lines, Loaded } from "../../parts/Loaded.tsx";
import { useSessions } from "../../portal/sessions.ts";
import { SessionRow } from "./SessionRow.tsx";
import classes from "./Sessions.module.css";

interface SessionListProps {
  readonly phase: "live" | "ended";
  readonly all: boolean;
  readonly words: string;
}

export function SessionList({ phase, all, words }: SessionListProps) {
  const { t } = useTranslation();
  const sessions = useSessions({ phase, all });
  return (
    <Loaded query={sessions} shape={<Lines count={4} height={56} />}>
      {({ pages }) => (
        <>
          <Rows sessions={pages.flatMap(({ items }) => items)} phase={phase} words={words} />
          {sessions.hasNextPage && (
            <Button
              variant="default"
              loading={sessions.isFetchingNextPage}
              onClick={() => void sessions.fetchNextPage()}
            >
              {t("common.more")}
            </Button>
          )}
        </>
      )}
    </Loaded>
  );
}

function Rows({
  sessions,
  phase,
  words,
}: Pick<SessionListProps, "phase" | "words"> & { sessions: Session[] }) {
  const { t } = useTranslation();
  const shown = sessions.filter((session) => has(session, words));
  if (shown.length > 0)
    return (
      <ul className={classes.list}>
        {shown.map((session) => (
          <li key={session.id}>
            <SessionRow session={session} />
          </li>
        ))}
      </ul>
    );
  if (sessions.length > 0) return <Empty title={t("sessions.noMatch")}>{t("sessions.noMatchNext")}</Empty>;
  const findData = (
    <Button component={Link} to="/datasets">
      {t("nav.datasets")}
    </Button>
  );
  return (
    <Empty title={t(`sessions.none.${phase}`)} action={phase === "live" ? findData : undefined}>
      {t(`sessions.noneNext.${phase}`)}
    </Empty>
  );
}

function has({ name, id, environment, owner, datasets, proposal }: Session, words: string): boolean {
  const text = [name, id, environment, owner.name, owner.account, proposal ?? "", ...datasets]
    .join(" ")
    .toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
