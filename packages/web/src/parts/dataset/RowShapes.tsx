import { Skeleton } from "@mantine/core";
import classes from "./Dataset.module.css";

/** A list of datasets while it is loading. */
export function RowShapes() {
  return (
    <div className={classes.list}>
      {[0, 1, 2].map((index) => (
        <Skeleton key={index} height={128} radius={12} />
      ))}
    </div>
  );
}
