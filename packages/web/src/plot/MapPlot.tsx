import type { Preview } from "@endstation/api";
import { useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { ColourBar } from "./ColourBar.tsx";
import classes from "./Plot.module.css";
import { colourAxis, pixelsOf } from "./pixels.ts";
import type { Axis } from "./scale.ts";

type Image = Extract<Preview, { shape: "image" }>;

/** A map or detector picture on a canvas, in the house's colours. */
export function MapPlot({ map, small }: { map: Image; small: boolean }) {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const axis = useMemo(() => colourAxis(map.values, map.scale), [map]);
  useEffect(() => {
    if (canvas.current !== null && axis !== null) draw(canvas.current, map, axis);
  }, [map, axis]);
  const picture = (
    <canvas
      ref={canvas}
      role="img"
      aria-label={t("plot.map", { title: map.title, scale: t(`plot.${map.scale}`) })}
      width={map.width}
      height={map.height}
      className={small ? classes.mapSmall : classes.map}
      style={small ? {} : { aspectRatio: shownAspect(map) }}
    />
  );
  if (small || axis === null) return picture;
  return (
    <>
      {picture}
      <ColourBar axis={axis} />
    </>
  );
}

function draw(canvas: HTMLCanvasElement, { values, width, height }: Image, axis: Axis): void {
  const pixels = pixelsOf(values.slice(0, width * height), axis);
  if (pixels.length !== width * height * 4) return;
  canvas.getContext("2d")?.putImageData(new ImageData(pixels, width, height), 0, 0);
}

/** As it is, but never a mere stripe: the axes of a map need not have the same unit. */
function shownAspect({ width, height }: Image): number {
  return Math.min(2, Math.max(0.9, width / height));
}
