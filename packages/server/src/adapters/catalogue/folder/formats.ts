/** Formats by the end of the name: files are listed without being opened. */
const formats: readonly (readonly [RegExp, string])[] = [
  [/\.(nxs|nx|nx5|nexus)$/i, "NeXus/HDF5"],
  [/\.(h5|hdf5?|he5|hdf|cxi|nxspe)$/i, "HDF5"],
  [/\.(nc|nc4)$/i, "NetCDF"],
  [/\.(mca|spe)$/i, "spectrum, text"],
  [/\.(abs|dat|txt|csv|tsv|asc|chi|xy|xye|ses|sub|cor)$/i, "columns, text"],
  [/\.xml$/i, "XML"],
  [/\.json$/i, "JSON"],
  [/\.(ya?ml|cfg|ini|toml)$/i, "settings, text"],
  [/(\.md|^licen[cs]e|\/licen[cs]e|^readme|\/readme)$/i, "text"],
  [/\.(tiff?|cbf|edf|img|mccd)$/i, "detector image"],
  [/\.(png|jpe?g|svg)$/i, "picture"],
  [/\.(zip|tar|gz|bz2|xz|zst)$/i, "archive"],
];

export function formatOf(path: string): string {
  return formats.find(([pattern]) => pattern.test(path))?.[1] ?? "unknown";
}

/** Whether a reader can say something of it. */
export function isHdf5(format: string): boolean {
  return format === "NeXus/HDF5" || format === "HDF5" || format === "NetCDF";
}
