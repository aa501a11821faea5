import { useIntersection } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { usePreview } from "../portal/datasets.ts";
import classes from "./DatasetPicture.module.css";
import { Plot } from "./Plot.tsx";

/** The small picture of a dataset; it is asked for when it comes into view, and only of data that may be read. */
export function DatasetPicture({ id, readable }: { id: string; readable: boolean }) {
  const { ref, entry } = useIntersection({ rootMargin: "200px" });
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (entry?.isIntersecting === true) setSeen(true);
  }, [entry]);
  const preview = usePreview(id, seen && readable);
  return (
    <div ref={ref} className={classes.frame} aria-busy={preview.isFetching}>
      {preview.data !== undefined && <Plot preview={preview.data} small />}
    </div>
  );
}
