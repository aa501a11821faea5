import { IconAlertTriangle, IconCircleCheck, IconClockHour4, IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Tone } from "../portal/phases.ts";
import classes from "./Notice.module.css";
import tones from "./tones.module.css";

interface NoticeProps {
  readonly tone: Tone;
  readonly title: ReactNode;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  /** Something may go wrong: shown by its icon. */
  readonly warning?: boolean;
  /** `alert` is read out at once, `status` when there is time. */
  readonly role?: "alert" | "status";
}

const icons = {
  good: IconCircleCheck,
  busy: IconClockHour4,
  bad: IconAlertTriangle,
  note: IconInfoCircle,
  quiet: IconInfoCircle,
} as const;

/** Something a person should know, with what she can do. */
export function Notice({ tone, title, children, actions, warning = false, role }: NoticeProps) {
  const Icon = warning ? IconAlertTriangle : icons[tone];
  return (
    <div role={role} className={`${classes.notice} ${tones[tone]}`}>
      <Icon aria-hidden size={20} stroke={1.8} className={classes.icon} />
      <div className={classes.text}>
        <p className={classes.title}>{title}</p>
        {children !== undefined && <div className={classes.body}>{children}</div>}
      </div>
      {actions !== undefined && <div className={classes.actions}>{actions}</div>}
    </div>
  );
}
