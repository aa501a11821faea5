import type { ReactNode } from "react";
import type { Tone } from "../portal/phases.ts";
import classes from "./Chip.module.css";
import tones from "./tones.module.css";

/** A word or two about something, with an icon: its colour never says it alone. */
export function Chip({
  tone,
  icon,
  children,
}: {
  tone: Tone | "accent";
  icon?: ReactNode;
  children: ReactNode;
}) {
  return (
    <span className={`${classes.chip} ${tones[tone]}`}>
      {icon !== undefined && (
        <span aria-hidden className={classes.icon}>
          {icon}
        </span>
      )}
      <span>{children}</span>
    </span>
  );
}
