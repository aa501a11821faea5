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
  const dataset = (await get(address, signal)) as Omit<Dataset, "files">;
  const files = (await get(`${address}/files`, signal)) as { readonly items: readonly File[] };
  return { ...dataset, files: files.items };
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
