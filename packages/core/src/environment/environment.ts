import type { Dataset, Technique } from "../catalogue/dataset.ts";
import type { SessionKind } from "../session/session.ts";

/** A template notebook of an environment. */
export interface Notebook {
  readonly file: string;
  readonly title: string;
  readonly description: string;
  readonly parameters: readonly NotebookParameter[];
}

/** A value that a person may set before the notebook runs. Of `data` and `results` the session itself knows it. */
export interface NotebookParameter {
  readonly name: string;
  readonly kind: "data" | "results" | "number" | "boolean" | "text";
  readonly default: string | number | boolean;
  readonly title: string;
  readonly unit: string | null;
}

/** What software a session has. */
export interface Environment {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly kind: SessionKind;
  readonly software: readonly { readonly name: string; readonly version: string }[];
  readonly techniques: readonly Technique[];
  readonly definitions: readonly string[];
  readonly instruments: readonly string[];
  /** Why it suits what it is made for, as the end of "made for …". */
  readonly madeFor: string;
  /** Names of the flavours it is offered in; the first is the default. */
  readonly flavours: readonly string[];
  readonly notebooks: readonly Notebook[];
  /** One source per kind of engine; a provider that finds none of its own cannot start it. */
  readonly source: EnvironmentSource;
}

export interface EnvironmentSource {
  /** Folder of a built environment on this machine. */
  readonly path?: string;
  /** Container image as `name@digest`. */
  readonly image?: string;
  readonly module?: string;
  readonly apptainer?: string;
}

/** A named size. */
export interface Flavour {
  readonly name: string;
  readonly title: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly processes: number;
  readonly gpus: number;
}

/** How well an environment suits a dataset: 0 not at all; the reason is for people. */
export interface Fit {
  readonly score: number;
  readonly reason: string;
}

/**
 * Ranks by what the file says of itself first (application definition), then the instrument, then the technique;
 * an environment that names nothing is for any file. A terminal comes after every notebook that suits as well or less.
 */
export function fit(environment: Environment, dataset: Dataset): Fit {
  const found = fitByData(environment, dataset);
  if (environment.kind !== "terminal" || found.score === 0) return found;
  const reason = found.score === forAnyFile.score ? "a shell beside the data" : found.reason;
  return { score: found.score / 10, reason };
}

const forAnyFile: Fit = { score: 20, reason: "opens any file" };

function fitByData(environment: Environment, dataset: Dataset): Fit {
  if (environment.instruments.includes(dataset.instrument))
    return { score: 100, reason: `made for ${environment.madeFor}, and for ${dataset.instrument}` };
  if (overlap(environment.definitions, dataset.definitions))
    return { score: 90, reason: `made for ${environment.madeFor}` };
  const ids = dataset.techniques.map((technique) => technique.id);
  if (
    overlap(
      environment.techniques.map((technique) => technique.id),
      ids,
    )
  )
    return { score: 80, reason: `made for ${environment.madeFor}` };
  const forAnything =
    environment.techniques.length + environment.definitions.length + environment.instruments.length === 0;
  return forAnything
    ? forAnyFile
    : { score: 0, reason: `made for ${environment.madeFor}, which this dataset is not` };
}

function overlap(a: readonly string[], b: readonly string[]): boolean {
  return a.some((item) => b.includes(item));
}
