import { useTranslation } from "react-i18next";
import { colourAt } from "./colours.ts";
import classes from "./Plot.module.css";
import type { Axis } from "./scale.ts";
import { tickLabel } from "./ticks.ts";

const steps = Array.from(
  { length: 13 },
  (_, index) =>
    `rgb(${colourAt(index / 12)
      .map(Math.round)
      .join(" ")})`,
);
const gradient = `linear-gradient(90deg, ${steps.join(", ")})`;

/** Which colour stands for which value. */
export function ColourBar({ axis }: { axis: Axis }) {
  const { t } = useTranslation();
  return (
    <p className={classes.bar}>
      <span>{tickLabel(Number(axis.low.toPrecision(3)))}</span>
      <span aria-hidden className={classes.gradient} style={{ background: gradient }} />
      <span>{tickLabel(Number(axis.high.toPrecision(3)))}</span>
      <span>{t(`plot.${axis.scale}`)}</span>
    </p>
  );
}
