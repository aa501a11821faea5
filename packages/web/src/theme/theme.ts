import {
  createTheme,
  defaultVariantColorsResolver,
  localStorageColorSchemeManager,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from "@mantine/core";

const petrol: MantineColorsTuple = [
  "#e8f4f4",
  "#d0e6e7",
  "#a4cfd2",
  "#77b8bd",
  "#54a7ad",
  "#348d95",
  "#1f7d86",
  "#0f6f78",
  "#0a5a62",
  "#05444b",
];

const slate: MantineColorsTuple = [
  "#dde6e8",
  "#bfcdd0",
  "#9fb0b5",
  "#74868c",
  "#3b4b52",
  "#2a373d",
  "#182125",
  "#10171a",
  "#0b1113",
  "#070b0c",
];

const sans =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "Helvetica Neue", Arial, sans-serif';
const mono =
  'ui-monospace, "SF Mono", "Cascadia Mono", "Segoe UI Mono", "Liberation Mono", Menlo, Consolas, monospace';

/** In the dark the accent is light, so what stands on it is dark. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const usual = defaultVariantColorsResolver(input);
  const isAccent = input.color === undefined || input.color === input.theme.primaryColor;
  return input.variant === "filled" && isAccent ? { ...usual, color: "var(--es-on-accent)" } : usual;
};

/** Petrol for what can be done, paper and slate for the rest. */
export const theme = createTheme({
  primaryColor: "petrol",
  primaryShade: { light: 7, dark: 4 },
  variantColorResolver,
  colors: { petrol, dark: slate },
  black: "#182326",
  fontFamily: sans,
  fontFamilyMonospace: mono,
  headings: { fontFamily: sans, fontWeight: "650" },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
});

/** Remembers light, dark or the system's choice; `public/color-scheme.js` reads the same key before the first paint. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: "endstation-color-scheme" });
