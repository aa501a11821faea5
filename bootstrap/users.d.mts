/** User ids (and the same group ids) for what must have an id of its own, when we are root. */
export interface OwnUserIds {
  /** For people's sessions, both ends included, where the configuration names no other range. */
  readonly sessions: { readonly first: number; readonly last: number };
  /** PostgreSQL's. */
  readonly database: number;
  /** The HDF5 readers'. */
  readonly reader: number;
}

/** Numbers that no distribution, container tool or directory service hands out, as far as this machine has them. */
export function ownUserIds(): OwnUserIds;
