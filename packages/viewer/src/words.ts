/** Every sentence of the page that is not H5Web's. */
export const words = {
  title: (what: string) => `${what} · Viewer · Endstation`,
  loading: "Loading …",
  back: "Back to the dataset",
  allDatasets: "All datasets",
  file: "File",
  again: "Load again",
  analyse: "Analyse with this path",
  chooseFile: "Choose a file",
  noFiles: "This dataset has no HDF5 file",
  noFilesNext: "Other files can be downloaded from the dataset's page.",
  refused: "This cannot be shown",
  failed: "The portal does not answer",
  failedNext: "Try again in a moment.",
  tryAgain: "Try again",
  noSuchFile: (file: string) => `The dataset has no file ${file}`,
  hindrances: "Parts of this file cannot be shown",
  hindrancesNext:
    "What is missing has been left out or lies elsewhere. Points that are not there are never drawn as data.",
  broken: "The viewer has stopped",
  view: (file: string) => `What is inside ${file}`,
} as const;
