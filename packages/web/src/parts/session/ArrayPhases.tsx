import type { Session } from "@endstation/api";
import { useTranslation } from "react-i18next";
import { toneOfPhase } from "../../portal/phases.ts";
import { Chip } from "../Chip.tsx";
import classes from "./ArrayPhases.module.css";

/** How many sessions are in which phase. */
export function ArrayPhases({ sessions }: { sessions: readonly Pick<Session, "phase">[] }) {
  const { t } = useTranslation();
  const byPhase = Map.groupBy(sessions, ({ phase }) => phase);
  return (
    <p className={classes.phases} role="status">
      {[...byPhase].map(([phase, { length }]) => (
        <Chip key={phase} tone={toneOfPhase[phase]}>
          {`${length} ${t(`phase.${phase}`).toLowerCase()}`}
        </Chip>
      ))}
    </p>
  );
}
