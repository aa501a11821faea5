import type { Dataset, Technique, Techniques } from "@endstation/core";

/** What a NeXus application definition says about the technique, as PaNET ids: as special as the definition is, no more. */
const techniqueOf: Readonly<Record<string, string>> = {
  NXcanSAS: "PaNET01124",
  NXsas: "PaNET01124",
  NXsastof: "PaNET01277",
  NXmx: "PaNET01164",
  NXtomo: "PaNET01129",
  NXtomophase: "PaNET01129",
  NXxas: "PaNET01196",
  NXfluo: "PaNET01177",
  NXarpes: "PaNET01089",
  NXmonopd: "PaNET01100",
  NXtofnpd: "PaNET01100",
  NXrefscan: "PaNET01121",
  NXreftof: "PaNET01239",
  NXdirecttof: "PaNET01245",
  NXindirecttof: "PaNET01245",
  NXtas: "PaNET01245",
};

/**
 * The dataset with the techniques that its files' definitions tell, after the declared ones; a definition adds nothing
 * where something more special is declared. Labels are PaNET's.
 */
export function withDefinedTechniques(dataset: Dataset, techniques: Techniques): Dataset {
  const declared = dataset.techniques.map((one) => techniques.find(one.id) ?? one);
  const told = dataset.definitions.flatMap((definition) => techniqueNamed(definition, techniques));
  const added = told.filter(({ id }) => !declared.some((one) => techniques.isWithin(one.id, id)));
  return { ...dataset, techniques: [...declared, ...new Map(added.map((one) => [one.id, one])).values()] };
}

function techniqueNamed(definition: string, techniques: Techniques): readonly Technique[] {
  const id = Object.hasOwn(techniqueOf, definition) ? techniqueOf[definition] : undefined;
  const found = id === undefined ? null : techniques.find(id);
  return found === null ? [] : [found];
}
