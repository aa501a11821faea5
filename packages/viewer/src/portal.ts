import { callsAddress, type Place } from "./address.ts";

/** What the page needs to know of a dataset. */
export interface Dataset {
  readonly id: string;
  readonly title: string;
  readonly access: string;
  readonly problems: readonly string[];
  readonly files: readonly File[];
}

export interface File {
  readonly path: string;
  readonly format: string;
  readonly problem: string | null;
}

/** Why it cannot be shown, in the portal's words. */
export class Refused extends Error {
  readonly status: number;
  readonly next: string;
  constructor(status: number, detail: string, next: string) {
    super(detail);
    this.status = status;
    this.next = next;
  }
}

/** @throws Refused when the portal says no; what `fetch` throws when it does not answer. */
export async function datasetOf(id: string, signal: AbortSignal): Promise<Dataset> {
  const address = `/api/v1/datasets/${encodeURIComponent(id)}`;
  const [dataset, files] = await Promise.all([get(address, signal), get(`${address}/files`, signal)]);
  return { ...(dataset as Omit<Dataset, "files">), files: (files as { items: readonly File[] }).items };
}

/** Has a reader started for the file while the rest of the page is still on its way. */
export function warm({ dataset, file }: Place): void {
  if (file === null) return;
  const query = new URLSearchParams({ file, path: "/" });
  void fetch(`${callsAddress(dataset)}/meta?${query}`).catch(() => undefined);
}

/** Files that the viewer can show. */
export function viewable(files: readonly File[]): readonly File[] {
  return files.filter(({ path }) => isViewable(path));
}

export function isViewable(path: string): boolean {
  return /\.(h5|hdf5?|he5|nxs?|nx5|nexus|cxi|nc|nc4|h5m)$/i.test(path);
}

async function get(address: string, signal: AbortSignal): Promise<unknown> {
  const answer = await fetch(address, { signal, headers: { accept: "application/json" } });
  const body: unknown = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  const { detail, next } = body as { readonly detail?: string; readonly next?: string };
  throw new Refused(answer.status, detail ?? `the portal answered ${answer.status}`, next ?? "");
}
