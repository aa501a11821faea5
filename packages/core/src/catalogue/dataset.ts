import type { Instant } from "../time.ts";

/** An entry of the Photon and Neutron Experimental Techniques ontology (PaNET): id such as `PaNET01188`. */
export interface Technique {
  readonly id: string;
  readonly label: string;
}

export type DatasetKind = "raw" | "processed" | "simulated";
export type Availability = "online" | "on-tape" | "staging";

/** A named quantity of a dataset; `value` as the file has it, `unit` null where it has none. */
export interface Parameter {
  readonly name: string;
  readonly value: number | string | readonly number[];
  readonly unit: string | null;
}

export interface Sample {
  readonly name: string;
  readonly description: string | null;
}

export interface Dataset {
  /** URL-safe slug, unique in the portal; also the name of its folder below `/data` in a session. */
  readonly id: string;
  /** Persistent identifier, where it has one. */
  readonly pid: string | null;
  readonly title: string;
  readonly proposal: string;
  readonly instrument: string;
  readonly facility: string;
  readonly techniques: readonly Technique[];
  /** NeXus application definitions its files name, such as `NXcanSAS`. */
  readonly definitions: readonly string[];
  readonly sample: Sample | null;
  readonly createdAt: Instant | null;
  readonly sizeBytes: number;
  readonly fileCount: number;
  readonly releaseAt: Instant | null;
  readonly licence: string | null;
  /** Where it was taken from, for the attribution on its page. */
  readonly source: string | null;
  readonly kind: DatasetKind;
  readonly availability: Availability;
  readonly parameters: readonly Parameter[];
  /** What hinders reading it, in words; empty when nothing does. */
  readonly problems: readonly string[];
}

/** What a principal may do with a dataset: read because it is open, or as a member; or only know that it exists. */
export type Access = "open" | "member" | "embargoed";

export interface Datafile {
  /** Relative to the dataset's folder, `/` between parts, never `..`. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedAt: Instant;
  /** Such as `NeXus/HDF5`, `text`. */
  readonly format: string;
  /** Why its content cannot be read; null when it can. */
  readonly problem: string | null;
}

/** What a list of datasets can be narrowed by. All given ones must hold. */
export interface DatasetQuery {
  readonly proposal?: string;
  readonly instrument?: string;
  /** A PaNET id: its descendants are included. */
  readonly technique?: string;
  /** Words to be found in title, sample, instrument, proposal or parameters. */
  readonly text?: string;
  readonly access?: Access;
  readonly from?: Instant;
  readonly to?: Instant;
}

/** Points for a small picture of a dataset: made by us from the file, never the file's own bytes. */
export type Preview =
  | { readonly shape: "curve"; readonly title: string; readonly x: Axis; readonly y: Axis }
  | {
      readonly shape: "image";
      readonly title: string;
      readonly width: number;
      readonly height: number;
      readonly values: readonly (number | null)[];
      readonly scale: "linear" | "log";
    }
  | { readonly shape: "none"; readonly why: string };

export interface Axis {
  readonly label: string;
  readonly unit: string | null;
  readonly values: readonly (number | null)[];
  readonly scale: "linear" | "log";
}
