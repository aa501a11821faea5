import type { Preview } from "@endstation/api";
import { useTranslation } from "react-i18next";
import { Axes } from "./Axes.tsx";
import { pathOf, runsOf } from "./curve.ts";
import classes from "./Plot.module.css";
import { axisFor } from "./scale.ts";

type Curve = Extract<Preview, { shape: "curve" }>;

/** A curve as SVG. */
export function CurvePlot({ curve, small }: { curve: Curve; small: boolean }) {
  const { t } = useTranslation();
  const [x, y] = [axisFor(curve.x.values, curve.x.scale), axisFor(curve.y.values, curve.y.scale)];
  if (x === null || y === null)
    return <div className={small ? classes.noneSmall : classes.none}>{t("plot.none")}</div>;
  const size = small
    ? { width: 160, height: 96, left: 6, bottom: 6 }
    : { width: 640, height: 340, left: 64, bottom: 46 };
  const [right, top] = small ? [6, 6] : [12, 12];
  const [width, height] = [size.width - size.left - right, size.height - size.bottom - top];
  const path = pathOf(runsOf(x, y, curve.x.values, curve.y.values), width, height);
  const label = t("plot.curve", { title: curve.title, x: curve.x.label, y: curve.y.label });
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size.width} ${size.height}`}
      className={classes.picture}
    >
      <g transform={`translate(${size.left} ${top})`}>
        {!small && <Axes x={x} y={y} names={[curve.x, curve.y]} width={width} height={height} />}
        <path d={path} className={small ? classes.lineSmall : classes.line} />
      </g>
    </svg>
  );
}
