import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * `node tools/panet.ts FILE`: makes the table of techniques out of the PaNET ontology (its OWL file with inferred
 * parents, RDF/XML). Only ids, labels and direct parents are kept; run it again when a new version is published.
 */
const purl = "http://purl.org/pan-science/PaNET/";
const target = join(import.meta.dirname, "../packages/server/src/catalogue/panet.json");

interface Term {
  readonly id: string;
  readonly label: string;
  readonly parents: readonly string[];
}

/** The terms of the ontology, sorted by id, without those that are deprecated. */
export function termsOf(owl: string): Term[] {
  const terms = [...owl.matchAll(/<owl:Class rdf:about="([^"]+)"(?:\/>|>([\s\S]*?)\n {4}<\/owl:Class>)/g)];
  return terms
    .flatMap(([, iri = "", body = ""]) => {
      const label = body.match(/<rdfs:label(?: xml:lang="en")?[^>]*>([^<]+)<\/rdfs:label>/)?.[1];
      if (!iri.startsWith(purl) || label === undefined || /owl:deprecated/.test(body)) return [];
      const parents = [...body.matchAll(/<rdfs:subClassOf rdf:resource="([^"]+)"\/>/g)]
        .map(([, parent = ""]) => parent)
        .filter((parent) => parent.startsWith(purl))
        .map((parent) => parent.slice(purl.length));
      return [{ id: iri.slice(purl.length), label: decode(label), parents: [...new Set(parents)].sort() }];
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

export function versionOf(owl: string): string {
  return (
    owl.match(/<owl:versionInfo[^>]*>([^<]+)</)?.[1] ?? owl.match(/<terms:created>([^<]+)</)?.[1] ?? "unknown"
  );
}

function decode(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&").trim();
}

function write(file: string): void {
  const owl = readFileSync(file, "utf8");
  const head = {
    title: "Photon and Neutron Experimental Techniques (PaNET): ids, labels and direct parents",
    version: versionOf(owl),
    source: `${purl}PaNET.owl`,
    licence: "CC-BY-4.0",
    attribution:
      "PaNET by the ExPaNDS project and the PaN ontologies community; reduced to ids, labels and parents.",
  };
  const rows = termsOf(owl).map(({ id, label, parents }) => `    ${JSON.stringify([id, label, parents])}`);
  const text = JSON.stringify(head, null, 2).replace(
    /\n\}$/,
    `,\n  "terms": [\n${rows.join(",\n")}\n  ]\n}\n`,
  );
  writeFileSync(target, text);
  console.log(`${rows.length} techniques, version ${head.version}`);
}

if (process.argv[1] === import.meta.filename) {
  const file = process.argv[2];
  if (file === undefined) throw new Error("Which file? node tools/panet.ts PaNET.owl");
  write(file);
}
