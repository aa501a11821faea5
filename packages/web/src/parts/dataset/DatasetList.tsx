import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type DatasetFilter, useDatasets } from "../../portal/datasets.ts";
import { Empty } from "../Empty.tsx";
import { Loaded } from "../Loaded.tsx";
import classes from "./Dataset.module.css";
import { DatasetRow } from "./DatasetRow.tsx";
import { RowShapes } from "./RowShapes.tsx";

interface DatasetListProps {
  readonly filter: DatasetFilter;
  readonly empty: { readonly title: string; readonly next: string; readonly action?: ReactNode };
}

/** Datasets with their pictures, page after page. */
export function DatasetList({ filter, empty }: DatasetListProps) {
  const { t } = useTranslation();
  const datasets = useDatasets(filter);
  return (
    <Loaded query={datasets} shape={<RowShapes />}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items);
        if (items.length === 0)
          return (
            <Empty title={empty.title} action={empty.action}>
              {empty.next}
            </Empty>
          );
        return (
          <div className={classes.pages}>
            <ul className={classes.list}>
              {items.map((dataset) => (
                <li key={dataset.id}>
                  <DatasetRow dataset={dataset} />
                </li>
              ))}
            </ul>
            {datasets.hasNextPage && (
              <Button
                className={classes.more}
                variant="default"
                loading={datasets.isFetchingNextPage}
                onClick={() => void datasets.fetchNextPage()}
              >
                {t("common.more")}
              </Button>
            )}
          </div>
        );
      }}
    </Loaded>
  );
}
