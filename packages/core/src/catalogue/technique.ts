import type { Technique } from "./dataset.ts";

/** A term of a technique ontology with its direct parents: a graph without order, in which a term may have several. */
export interface TechniqueTerm extends Technique {
  readonly parents: readonly string[];
}

/** Techniques and how they contain each other. */
export interface Techniques {
  find(id: string): Technique | null;
  /** The technique itself and everything below it; only itself when it is unknown. */
  withDescendants(id: string): readonly string[];
  /** Whether `id` is `other` or below it. */
  isWithin(id: string, other: string): boolean;
}

/** Makes the look-up; cycles and parents that are not there do no harm. */
export function techniquesFrom(terms: readonly TechniqueTerm[]): Techniques {
  const byId = new Map(terms.map((term) => [term.id, term]));
  const children = new Map<string, string[]>();
  for (const term of terms)
    for (const parent of term.parents) children.set(parent, [...(children.get(parent) ?? []), term.id]);
  const withDescendants = (id: string) => reachable(id, (one) => children.get(one) ?? []);
  return {
    find: (id) => {
      const term = byId.get(id);
      return term === undefined ? null : { id: term.id, label: term.label };
    },
    withDescendants,
    isWithin: (id, other) => reachable(id, (one) => byId.get(one)?.parents ?? []).includes(other),
  };
}

function reachable(start: string, next: (id: string) => readonly string[]): readonly string[] {
  const found = new Set([start]);
  for (const id of found) for (const one of next(id)) found.add(one);
  return [...found];
}
