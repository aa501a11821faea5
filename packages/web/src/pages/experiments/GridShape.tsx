import { Skeleton } from "@mantine/core";
import classes from "./Experiments.module.css";

/** The grid while it is loading. */
export function GridShape() {
  return (
    <div className={classes.grid}>
      {[0, 1, 2, 3].map((index) => (
        <Skeleton key={index} height={190} radius={12} />
      ))}
    </div>
  );
}
