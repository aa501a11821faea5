import type { Dataset } from "@endstation/api";
import type { DatasetFilter } from "../../portal/datasets.ts";

interface Choice {
  readonly value: string;
  readonly label: string;
}

/** What the filters offer: what the data have, and what is chosen already even if no data have it. */
export function choicesOf(
  datasets: readonly Pick<Dataset, "techniques" | "instrument">[],
  { technique, instrument }: DatasetFilter,
): { techniques: Choice[]; instruments: Choice[] } {
  const techniques = new Map(technique === undefined ? [] : [[technique, technique]]);
  const instruments = new Map(instrument === undefined ? [] : [[instrument, instrument]]);
  for (const dataset of datasets) {
    for (const { id, label } of dataset.techniques) techniques.set(id, label);
    instruments.set(dataset.instrument, dataset.instrument);
  }
  return { techniques: sorted(techniques), instruments: sorted(instruments) };
}

function sorted(choices: ReadonlyMap<string, string>): Choice[] {
  return [...choices]
    .map(([value, label]) => ({ value, label }))
    .sort((a, b) => a.label.localeCompare(b.label));
}
