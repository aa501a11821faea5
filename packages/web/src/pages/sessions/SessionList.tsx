import type { Session } from "@endstation/api";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Empty } from "../../parts/Empty.tsx";
import { Lines, Loaded } from "../../parts/Loaded.tsx";
import { useSessions } from "../../portal/sessions.ts";
import { ArrayRow } from "./ArrayRow.tsx";
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
        {groupsOf(shown).map((group) => (
          <li key={group[0].array?.id ?? group[0].id}>
            {group[0].array === null ? <SessionRow session={group[0]} /> : <ArrayRow sessions={group} />}
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

/** Those that were asked for together stand together, where the first of them is. */
function groupsOf(sessions: readonly Session[]): [Session, ...Session[]][] {
  const groups = Map.groupBy(sessions, ({ id, array }) => array?.id ?? id);
  return [...groups.values()] as [Session, ...Session[]][];
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
