import type { Session } from "@endstation/api";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Card } from "../../parts/Card.tsx";
import { Lines, Loaded } from "../../parts/Loaded.tsx";
import { ArrayPhases } from "../../parts/session/ArrayPhases.tsx";
import { PhaseChip } from "../../parts/session/PhaseChip.tsx";
import { useArray } from "../../portal/sessions.ts";
import classes from "./Session.module.css";

/** All sessions that were asked for together with this one, and how they are. */
export function ArrayCard({ session }: { session: Session }) {
  const { t } = useTranslation();
  const array = session.array?.id ?? "";
  const siblings = useArray(array, array !== "");
  if (session.array === null) return null;
  return (
    <Card title={t("array.title", { count: session.array.size })} id="array">
      <Loaded query={siblings} shape={<Lines count={session.array.size} />}>
        {(sessions) => (
          <>
            <ArrayPhases sessions={sessions} />
            <ol className={classes.array} aria-label={t("array.title", { count: sessions.length })}>
              {sessions.map((one) => (
                <li key={one.id}>
                  <Link
                    to="/sessions/$id"
                    params={{ id: one.id }}
                    aria-current={one.id === session.id ? "page" : undefined}
                  >
                    {one.datasets[0] ?? one.name}
                  </Link>
                  <PhaseChip session={one} />
                </li>
              ))}
            </ol>
          </>
        )}
      </Loaded>
    </Card>
  );
}
