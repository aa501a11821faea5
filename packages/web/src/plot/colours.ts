type Colour = readonly [red: number, green: number, blue: number];

/** From night over petrol to sand: lightness grows steadily, so that it reads in grey and for the colour-blind too. */
const stops: readonly Colour[] = [
  [13, 17, 38],
  [24, 50, 92],
  [17, 96, 122],
  [38, 142, 132],
  [122, 184, 112],
  [226, 207, 110],
  [253, 243, 204],
];

const steps = 256;
const table: readonly Colour[] = Array.from({ length: steps }, (_, index) => between(index / (steps - 1)));

/** The colour of 0…1. */
export function colourAt(share: number): Colour {
  const index = Math.min(steps - 1, Math.max(0, Math.round(share * (steps - 1))));
  return table[index] as Colour;
}

function between(share: number): Colour {
  const place = share * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(place));
  const [a, b] = [stops[index] as Colour, stops[index + 1] as Colour];
  const mix = (channel: 0 | 1 | 2) => a[channel] + (b[channel] - a[channel]) * (place - index);
  return [mix(0), mix(1), mix(2)];
}
