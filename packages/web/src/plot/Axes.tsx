import classes from "./Plot.module.css";
import { type Axis, ticksOf } from "./scale.ts";
import { tickLabel } from "./ticks.ts";

interface Name {
  readonly label: string;
  readonly unit: string | null;
}

interface AxesProps {
  readonly x: Axis;
  readonly y: Axis;
  readonly names: readonly [Name, Name];
  readonly width: number;
  readonly height: number;
}

/** Grid, ticks and names of a plot's axes. */
export function Axes({ x, y, names, width, height }: AxesProps) {
  const [across, up] = names;
  return (
    <g className={classes.axes}>
      {ticksOf(x).map((value) => (
        <g key={value} transform={`translate(${(x.place(value) ?? 0) * width} 0)`}>
          <line y2={height} />
          <text y={height + 16} textAnchor="middle">
            {tickLabel(value)}
          </text>
        </g>
      ))}
      {ticksOf(y).map((value) => (
        <g key={value} transform={`translate(0 ${(1 - (y.place(value) ?? 0)) * height})`}>
          <line x2={width} />
          <text x={-7} dy="0.32em" textAnchor="end">
            {tickLabel(value)}
          </text>
        </g>
      ))}
      <rect width={width} height={height} />
      <text x={width / 2} y={height + 38} textAnchor="middle" className={classes.name}>
        {nameOf(across)}
      </text>
      <text
        transform={`translate(-50 ${height / 2}) rotate(-90)`}
        textAnchor="middle"
        className={classes.name}
      >
        {nameOf(up)}
      </text>
    </g>
  );
}

function nameOf({ label, unit }: Name): string {
  return unit === null || unit === "" ? label : `${label} (${unit})`;
}
