import type { Session } from "@endstation/api";
import { Button } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Lines, Loaded } from "../../parts/Loaded.tsx";
import { ArrayPhases } from "../../parts/session/ArrayPhases.tsx";
import { useArray } from "../../portal/sessions.ts";
import { SessionRow } from "./SessionRow.tsx";
import classes from "./Sessions.module.css";

/** Sessions that were asked for together, as one row that unfolds to all of them. */
export function ArrayRow({ sessions }: { sessions: readonly [Session, ...Session[]] }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const list = useId();
  const [first] = sessions;
  const size = first.array?.size ?? sessions.length;
  const Chevron = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <div className={classes.array}>
      <article className={classes.row}>
        <div className={classes.what}>
          <h2 className={classes.name}>{t("array.title", { count: size })}</h2>
          <p className={classes.quiet}>
            {[first.job?.notebook ?? t("job.program"), first.environment, first.flavour].join(" · ")}
          </p>
        </div>
        <ArrayPhases sessions={sessions} />
        <Button
          className={classes.actions ?? ""}
          size="xs"
          variant="default"
          aria-expanded={isOpen}
          aria-controls={list}
          leftSection={<Chevron aria-hidden size={16} />}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? t("array.fold") : t("array.unfold")}
        </Button>
      </article>
      <div id={list} hidden={!isOpen}>
        {isOpen && <Members id={first.array?.id ?? ""} />}
      </div>
    </div>
  );
}

function Members({ id }: { id: string }) {
  return (
    <Loaded query={useArray(id)} shape={<Lines count={3} height={56} />}>
      {(sessions) => (
        <ul className={classes.members}>
          {sessions.map((session) => (
            <li key={session.id}>
              <SessionRow session={session} />
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}
