import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { call, given } from "./client.ts";
import { keys } from "./keys.ts";

/** What the list of datasets is narrowed by. */
export interface DatasetFilter {
  readonly proposal?: string | undefined;
  readonly q?: string | undefined;
  readonly technique?: string | undefined;
  readonly instrument?: string | undefined;
  readonly access?: "open" | "member" | "embargoed" | undefined;
}

export function useDatasets(filter: DatasetFilter, pageSize = 25) {
  return useInfiniteQuery({
    queryKey: [...keys.datasets, "list", filter, pageSize],
    queryFn: ({ signal, pageParam }) =>
      call("listDatasets", given({ ...filter, cursor: pageParam, limit: pageSize }), { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

/** The first 200 datasets I may see: what there is to choose from in the filters. */
export function useDatasetSample() {
  return useQuery({
    queryKey: [...keys.datasets, "sample"],
    queryFn: ({ signal }) => call("listDatasets", { limit: 200 }, { signal }),
    staleTime: 300_000,
  });
}

export function useDataset(id: string) {
  return useQuery({
    queryKey: [...keys.datasets, "one", id],
    queryFn: ({ signal }) => call("getDataset", { id }, { signal }),
  });
}

export function useDatafiles(id: string, enabled: boolean) {
  return useQuery({
    queryKey: [...keys.datasets, "files", id],
    queryFn: ({ signal }) => call("listDatafiles", { id }, { signal }),
    enabled,
  });
}

export function usePreview(id: string, enabled: boolean) {
  return useQuery({
    queryKey: [...keys.datasets, "preview", id],
    queryFn: ({ signal }) => call("getPreview", { id }, { signal }),
    enabled,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Where a file's bytes are; they come as an attachment. */
export function fileAddress(dataset: string, path: string): string {
  const inner = path.split("/").map(encodeURIComponent).join("/");
  return `/api/v1/datasets/${encodeURIComponent(dataset)}/files/${inner}`;
}

/** Where it is shown what is inside a file; null for what is no HDF5 file. Without a file: the one to be chosen there. */
export function viewerAddress(dataset: string, path?: string): string | null {
  const base = `/viewer/${encodeURIComponent(dataset)}`;
  if (path === undefined) return base;
  return isHdf5(path) ? `${base}?${new URLSearchParams({ file: path })}` : null;
}

export function isHdf5(path: string): boolean {
  return /\.(h5|hdf5?|he5|nxs?|nx5|nexus|cxi|nc|nc4|h5m)$/i.test(path);
}
