import type { Preview } from "@endstation/api";
import { useTranslation } from "react-i18next";
import { CurvePlot } from "./CurvePlot.tsx";
import { MapPlot } from "./MapPlot.tsx";
import classes from "./Plot.module.css";

/** A picture of a dataset, drawn by us from numbers; small ones have no axes. */
export function Plot({ preview, small }: { preview: Preview; small: boolean }) {
  const { t } = useTranslation();
  if (preview.shape === "none") {
    return (
      <div className={small ? classes.noneSmall : classes.none}>
        {small ? t("plot.none") : t("plot.noneBecause", { why: preview.why })}
      </div>
    );
  }
  return preview.shape === "curve" ? (
    <CurvePlot curve={preview} small={small} />
  ) : (
    <MapPlot map={preview} small={small} />
  );
}
