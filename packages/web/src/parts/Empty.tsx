import type { ReactNode } from "react";
import classes from "./Empty.module.css";
import { Rings } from "./Rings.tsx";

/** Nothing here, why that is, and where to go from here. */
export function Empty({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={classes.empty}>
      <Rings className={classes.rings ?? ""} />
      <p className={classes.title}>{title}</p>
      {children !== undefined && <p className={classes.text}>{children}</p>}
      {action}
    </div>
  );
}
