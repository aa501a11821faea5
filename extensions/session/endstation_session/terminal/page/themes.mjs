/** The sixteen colours, for eyes by day and by night. The terminal itself sees to the contrast of what programs mix. */
export const lightTheme = {
  ...{ background: "#ffffff", foreground: "#182326", cursor: "#0f6f78", cursorAccent: "#ffffff" },
  ...{ selectionBackground: "#b5dde0", selectionInactiveBackground: "#dce1df" },
  ...{ black: "#182326", red: "#a5281d", green: "#156a3f", yellow: "#7a4d00" },
  ...{ blue: "#2b5a8c", magenta: "#8a2f7c", cyan: "#0f6f78", white: "#53626a" },
  ...{ brightBlack: "#53626a", brightRed: "#c0342a", brightGreen: "#1a7f4b", brightYellow: "#8f5b00" },
  ...{ brightBlue: "#2f6cab", brightMagenta: "#a03a90", brightCyan: "#127f89", brightWhite: "#182326" },
};

export const darkTheme = {
  ...{ background: "#0d1315", foreground: "#dde6e8", cursor: "#77c4cb", cursorAccent: "#0d1315" },
  ...{ selectionBackground: "#2d5a63", selectionInactiveBackground: "#2a373d" },
  ...{ black: "#2a373d", red: "#f7a297", green: "#83d3a3", yellow: "#f0c469" },
  ...{ blue: "#9dc4ee", magenta: "#e3a5d8", cyan: "#77c4cb", white: "#c4d0d3" },
  ...{ brightBlack: "#8fa1a7", brightRed: "#ffb8ae", brightGreen: "#9fe3ba", brightYellow: "#ffd98a" },
  ...{ brightBlue: "#b8d7f7", brightMagenta: "#f0bfe7", brightCyan: "#95dbe1", brightWhite: "#f4f8f8" },
};
