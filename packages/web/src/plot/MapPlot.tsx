import type { Preview } from "@endstation/api";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Plot.module.css";
import { pixelsOf } from "./pixels.ts";

type Image = Extract<Preview, { shape: "image" }>;

/** A map or detector picture on a canvas, in the house's colours. */
export function MapPlot({ map, small }: { map: Image; small: boolean }) {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    const pixels = pixelsOf(map.values.slice(0, map.width * map.height), map.scale);
    if (pixels.length !== map.width * map.height * 4) return;
    context?.putImageData(new ImageData(pixels, map.width, map.height), 0, 0);
  }, [map]);
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={t("plot.map", { title: map.title, scale: t(`plot.${map.scale}`) })}
      width={map.width}
      height={map.height}
      className={small ? classes.mapSmall : classes.map}
    />
  );
}
