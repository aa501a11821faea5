/** What is looked at: it stands in the address, so that a link shows the same to whoever may see it. */
export interface Place {
  readonly dataset: string;
  readonly file: string | null;
  readonly path: string;
}

export function placeIn({ pathname, search }: Location): Place {
  const [, , dataset = ""] = pathname.split("/");
  const query = new URLSearchParams(search);
  return { dataset: decodeURIComponent(dataset), file: query.get("file"), path: query.get("path") ?? "/" };
}

export function addressOf({ dataset, file, path }: Place): string {
  const query = new URLSearchParams();
  if (file !== null) query.set("file", file);
  if (path !== "/") query.set("path", path);
  return `/viewer/${encodeURIComponent(dataset)}${query.size > 0 ? `?${query}` : ""}`;
}

/** Where an analysis of this very place is started. */
export function analyseAddress({ dataset, file, path }: Place): string {
  const query = new URLSearchParams({
    ...(file === null ? {} : { file }),
    ...(path === "/" ? {} : { path }),
  });
  return `/datasets/${encodeURIComponent(dataset)}${query.size > 0 ? `?${query}` : ""}#analyse`;
}

export function datasetAddress(dataset: string): string {
  return `/datasets/${encodeURIComponent(dataset)}`;
}

export function loginAddress(): string {
  return `/auth/login?${new URLSearchParams({ returnTo: location.pathname + location.search })}`;
}

/** H5Web makes addresses of exports itself, which must be whole. */
export function callsAddress(dataset: string): string {
  return `${location.origin}/api/v1/datasets/${encodeURIComponent(dataset)}/hdf5`;
}
